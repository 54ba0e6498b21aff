import { Problem } from '../errors/problem.js';
import { sessionErrors } from '../sessions/index.js';
import type { RefreshTokens } from '../tokens/index.js';

/** Where a call may carry its refresh token. */
export interface Presented {
  body?: string | undefined;
  cookie?: string | undefined;
  origin?: string | undefined;
}

export type ReadPresented = (presented: Presented) => ReturnType<RefreshTokens['read']>;

/**
 * Reads a refresh token from the body, or else from the cookie.
 * The cookie travels by itself, so a page of another origin is refused (SameSite keeps other sites out already).
 * @throws Problem `session.ended`, `token.invalid` (401); `session.foreign_origin` (403)
 */
export function createReadPresented(options: {
  refreshTokens: Pick<RefreshTokens, 'read'>;
  ownOrigins: readonly string[];
}): ReadPresented {
  const { refreshTokens, ownOrigins } = options;
  return async ({ body, cookie, origin }) => {
    const token = body ?? cookie;
    if (token === undefined) throw new Problem(sessionErrors.ended);
    if (body === undefined && origin !== undefined && !ownOrigins.includes(origin)) {
      throw new Problem(sessionErrors.foreign_origin);
    }
    return refreshTokens.read(token);
  };
}
