import { VerifierError } from '../errors.js';

interface Answer {
  headersSent: boolean;
  writeHead(status: number, headers: Record<string, string>): { end(body: string): unknown };
}

/**
 * Error middleware for the end of the chain: answers the kit's refusals as `application/problem+json` (RFC 9457),
 * one body for every bad token. Other errors go on to `next`.
 */
export function answerRefusals(): (
  error: unknown,
  request: unknown,
  response: Answer,
  next: (error?: unknown) => void,
) => void {
  return (error, _request, response, next) => {
    if (!(error instanceof VerifierError) || response.headersSent) return next(error);
    const { status, message: title, headers } = error;
    response
      .writeHead(status, { ...headers, 'content-type': 'application/problem+json' })
      .end(JSON.stringify({ type: 'about:blank', status, title }));
  };
}
