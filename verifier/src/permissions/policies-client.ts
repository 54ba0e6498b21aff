import { fetchText, UnexpectedStatus } from '../issuer/fetch-text.js';
import { createSystemTokens } from '../issuer/system-token.js';
import type { PermissionSettings } from './permission-options.js';
import type { PermissionQuestion, PermissionSubject } from './permission-question.js';
import { createTurns } from './turns.js';

const MAX_BYTES = 1024 * 1024;
const CALLS_AT_ONCE = 32;
/** Milliseconds until a system token is asked for again that could not be had. */
const RETRY_MS = 1000;
/** Whom system tokens for the issuer's own calls are for. */
const ISSUER = 'nx-identity';

/** What the issuer answers to a question. */
export interface PermissionAnswer {
  allowed: boolean;
  /** The subject's policy version: with the same one the same question has the same answer. */
  version: number;
  /** Every change up to here is in the answer. */
  asOf: number;
}

/** What changed after a cursor. */
export interface ChangesPage {
  changes: { subjectType: string; subjectId: string; policyVersion: number }[];
  cursor: string;
  /** Whether there was more by then than a page holds. */
  more: boolean;
}

/** The issuer's calls about policies (contract §5), as this sister. All throw Error when there is no usable answer. */
export interface PoliciesClient {
  check(
    subject: PermissionSubject,
    question: PermissionQuestion,
    signal: AbortSignal,
  ): Promise<PermissionAnswer>;
  /** Undefined: the cursor of now. Otherwise waits for a first change. */
  changes(after: string | undefined, signal: AbortSignal): Promise<ChangesPage>;
}

export function createPoliciesClient(settings: PermissionSettings): PoliciesClient {
  const { base, service, timeoutMs, waitS, onWarning } = settings;
  const turns = createTurns(CALLS_AT_ONCE);
  const tokens = createSystemTokens({
    service: { ...service, audience: service.audience ?? ISSUER },
    timeoutMs,
    clock: Date.now,
    retryMs: RETRY_MS,
    onWarning,
  });

  async function call(path: string, extra: { json?: unknown; timeoutMs: number; signal: AbortSignal }) {
    const token = await tokens.get();
    if (token === undefined) throw new Error('no system token');
    const headers = { authorization: `Bearer ${token}` };
    const url = `${base}/policies/${path}`;
    try {
      return JSON.parse(
        await fetchText({ url, accept: 'application/json', maxBytes: MAX_BYTES, headers, ...extra }),
      );
    } catch (error) {
      if (error instanceof UnexpectedStatus && error.status === 401) tokens.drop();
      throw error;
    }
  }

  return {
    check: (subject, question, signal) =>
      turns.run(
        async () =>
          readAnswer(await call('check', { json: { checks: [question], subject }, timeoutMs, signal })),
        signal,
      ),
    async changes(after, signal) {
      const query = after === undefined ? '' : `?after=${after}&wait=${waitS}`;
      return readPage(await call(`changes${query}`, { timeoutMs: waitS * 1000 + timeoutMs, signal }));
    },
  };
}

/** @throws Error for anything but an answer: what nobody understands permits nothing */
function readAnswer({ results, policyVersion, cursor }: Record<string, unknown>): PermissionAnswer {
  const [first] = Array.isArray(results) && results.length === 1 ? results : [];
  const asOf = readCursor(cursor);
  if (typeof first?.allowed !== 'boolean' || !Number.isSafeInteger(policyVersion) || asOf === undefined)
    throw new Error('no answer to a check');
  return { allowed: first.allowed, version: policyVersion as number, asOf };
}

function readPage({ changes, cursor, more }: Record<string, unknown>): ChangesPage {
  const isChange = (change: ChangesPage['changes'][number] | null) =>
    typeof change?.subjectType === 'string' &&
    typeof change.subjectId === 'string' &&
    Number.isSafeInteger(change.policyVersion);
  if (!Array.isArray(changes) || !changes.every(isChange) || readCursor(cursor) === undefined)
    throw new Error('no page of changes');
  return { changes, cursor: cursor as string, more: more !== false };
}

function readCursor(cursor: unknown): number | undefined {
  return typeof cursor === 'string' && /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined;
}
