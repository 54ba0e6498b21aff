/** What a kit asks of the issuer, and how much of an answer it takes. */
export interface TextRequest {
  url: string;
  accept: string;
  maxBytes: number;
  timeoutMs: number;
  headers?: Record<string, string>;
  /** Sent as a form, by POST. */
  form?: Record<string, string>;
  /** Sent as JSON, by POST. */
  json?: unknown;
  /** Ends the call before its time. */
  signal?: AbortSignal;
}

/** The issuer answered, with something else than 200. */
export class UnexpectedStatus extends Error {
  override readonly name = 'UnexpectedStatus';
  constructor(
    readonly status: number,
    url: string,
  ) {
    super(`${url} answered ${status}`);
  }
}

/**
 * One call with an end in time and size that follows no redirect: an address comes from configuration alone.
 * @throws UnexpectedStatus, or Error for no answer, a redirect, another content type than asked for, too much of it
 */
export async function fetchText(request: TextRequest): Promise<string> {
  const { url, accept } = request;
  const content = contentOf(request);
  const ends = [AbortSignal.timeout(request.timeoutMs), ...(request.signal ? [request.signal] : [])];
  const answer = await fetch(url, {
    method: content ? 'POST' : 'GET',
    ...(content ? { body: content.body } : {}),
    // No cache on the way may answer: who asks because of an unknown key wants to hear of it now.
    headers: { ...request.headers, ...content?.headers, accept, 'cache-control': 'no-cache' },
    redirect: 'error',
    signal: AbortSignal.any(ends),
  });
  const type = answer.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (answer.status !== 200 || !accept.split(', ').includes(type ?? '')) {
    await answer.body?.cancel();
    if (answer.status !== 200) throw new UnexpectedStatus(answer.status, url);
    throw new Error(`${url} answered with another content type than ${accept}`);
  }
  return read(answer, request);
}

function contentOf({ form, json }: TextRequest) {
  if (form) return { body: new URLSearchParams(form), headers: {} };
  if (json === undefined) return undefined;
  return { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } };
}

async function read(answer: Response, { maxBytes, url }: TextRequest): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    size += part.byteLength;
    if (size > maxBytes) throw new Error(`${url} answered with more than ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
