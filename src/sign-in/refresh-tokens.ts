import { Problem } from '../errors/problem.js';
import type { Visitor } from '../http/route.js';
import { type LiveSession, type RefreshSession, sessionErrors } from '../sessions/index.js';
import type { RefreshTokens } from '../tokens/index.js';

export type RefreshUseCase = (request: {
  body?: string | undefined;
  cookie?: string | undefined;
  origin?: string | undefined;
  visitor: Visitor;
}) => Promise<LiveSession>;

/**
 * Takes a refresh token from the body, or else from the cookie, and moves its session on (S10).
 * The cookie travels by itself, so a page of another origin is refused (SameSite keeps other sites out already).
 * @throws Problem `session.ended` (401) for whatever is no live session's newest token, or its retry in the grace
 */
export function createRefresh(options: {
  refreshTokens: RefreshTokens;
  refreshSession: RefreshSession;
  ownOrigins: readonly string[];
}): RefreshUseCase {
  const { refreshTokens, refreshSession, ownOrigins } = options;
  return async ({ body, cookie, origin, visitor }) => {
    const token = body ?? cookie;
    if (token === undefined) throw new Problem(sessionErrors.ended);
    if (body === undefined && origin !== undefined && !ownOrigins.includes(origin)) {
      throw new Problem(sessionErrors.foreign_origin);
    }
    const { sessionId, generation } = await refreshTokens.read(token);
    const session = await refreshSession(sessionId, generation, visitor);
    if (!session) throw new Problem(sessionErrors.ended);
    return session;
  };
}
