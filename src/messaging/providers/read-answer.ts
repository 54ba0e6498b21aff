import type { PostResult } from './post-json.js';
import type { Outcome } from './sender.js';

/** Statuses that are known; any other is unclear, since "unknown" must not mean "send the code again elsewhere at once". */
export interface Statuses {
  accepted: readonly string[];
  refused: readonly string[];
}

/** What a provider's answer means. @param read status and reference from an answer in JSON */
export function readAnswer(
  result: PostResult,
  statuses: Statuses,
  read: (json: Record<string, unknown>) => { status: string; reference?: string | undefined },
): Outcome {
  if (result.kind !== 'answer') return { outcome: result.kind, errorClass: result.errorClass };
  const { status: http, json } = result;
  if (http >= 300) return readFailure(http);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return { outcome: 'unclear', errorClass: 'answer-unreadable' };
  }
  const { status, reference } = read(json as Record<string, unknown>);
  const told = { status: line(status), ...(reference === undefined ? {} : { reference: line(reference) }) };
  if (statuses.accepted.includes(status)) return { outcome: 'accepted', ...told };
  if (statuses.refused.includes(status)) return { outcome: 'refused', errorClass: 'refused', ...told };
  return { outcome: 'unclear', errorClass: 'status-unknown', ...told };
}

function readFailure(http: number): Outcome {
  const status = `http-${http}`;
  if (http === 429 || http === 503)
    return { outcome: 'refused', temporary: true, errorClass: 'busy', status };
  // RFC 9110 §15.5.9, §15.6: the request may have been worked on.
  if (http === 408 || http >= 500) return { outcome: 'unclear', errorClass: 'provider-failed', status };
  return { outcome: 'refused', errorClass: http < 400 ? 'redirected' : 'http-refused', status };
}

const line = (text: string) => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 64);

/** A field of an answer, which may be text or a number. */
export const field = (json: Record<string, unknown>, name: string): string =>
  typeof json[name] === 'string' || typeof json[name] === 'number' ? String(json[name]) : '';
