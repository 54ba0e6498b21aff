import type { AccessClaims } from '../claims.js';

/** What of an Express request (4 or 5) is used; written down so that the kit needs no types of Express. */
export interface GuardedRequest {
  headers: { authorization?: string | undefined };
  params: Record<string, unknown>;
  /** Set by `authenticate`. */
  identity?: AccessClaims;
}

/** An Express request handler. A refusal goes to `next`, as an error that knows its answer. */
export type Middleware<Request extends GuardedRequest = GuardedRequest> = (
  request: Request,
  response: unknown,
  next: (error?: unknown) => void,
) => void;

declare global {
  namespace Express {
    interface Request {
      /** The claims of the access token; set by the verifier kit's `authenticate`. */
      identity?: AccessClaims;
    }
  }
}

/** A guard after `authenticate`. @throws Error, a mistake in the order of middleware */
export function identityOf(request: GuardedRequest): AccessClaims {
  if (!request.identity) throw new Error('authenticate(verifier) has to come before this middleware');
  return request.identity;
}

/** `check` throws to refuse; what it throws or rejects with goes to `next`. */
export function guard(check: (request: GuardedRequest) => unknown): Middleware {
  return (request, _response, next) => {
    Promise.resolve()
      .then(() => check(request))
      .then(
        () => next(),
        (error) => next(error),
      );
  };
}
