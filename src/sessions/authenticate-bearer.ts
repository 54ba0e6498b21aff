import { Problem } from '../errors/problem.js';
import type { Caller } from '../http/route.js';
import { tokenErrors, type VerifyAccessToken } from '../tokens/index.js';
import { sessionErrors } from './errors.js';
import type { FindCaller } from './find-caller.js';

export type AuthenticateBearer = (authorization: string | undefined) => Promise<Caller>;

/** The caller behind `Authorization: Bearer …` (RFC 6750 §2.1): a valid token of a session that is still open. */
export function createAuthenticateBearer(options: {
  verifyAccessToken: VerifyAccessToken;
  findCaller: FindCaller;
}): AuthenticateBearer {
  return async (authorization) => {
    if (authorization === undefined) throw new Problem(tokenErrors.missing);
    const [scheme, token, ...rest] = authorization.split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0)
      throw new Problem(tokenErrors.invalid);
    const claims = await options.verifyAccessToken(token);
    const person = await options.findCaller(claims.session_id, claims.userId);
    if (!person) throw new Problem(sessionErrors.ended);
    return { userId: claims.userId, sessionId: claims.session_id, claims };
  };
}
