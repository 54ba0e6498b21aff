import { Problem } from '../errors/problem.js';
import type { Caller } from '../http/route.js';
import { OWN, type TokenKind } from '../http/token-kind.js';
import { tokenErrors, type VerifyAccessToken } from '../tokens/index.js';
import { sessionErrors } from './errors.js';
import type { FindCaller } from './find-caller.js';

export type AuthenticateBearer = (
  authorization: string | undefined,
  kinds?: readonly TokenKind[],
) => Promise<Caller>;

/**
 * The caller behind `Authorization: Bearer …` (RFC 6750 §2.1): a valid token of a session that is still open, of one of
 * the kinds asked for; of a person's own (`OWN`) unless said.
 * @throws Problem `token.missing`, `token.invalid`, `session.ended` (401); `token.wrong_kind` (403)
 */
export function createAuthenticateBearer(options: {
  verifyAccessToken: VerifyAccessToken;
  /** Knows the account key alone (D1). */
  verifyAccountToken: VerifyAccessToken;
  findCaller: FindCaller;
}): AuthenticateBearer {
  const { verifyAccessToken, verifyAccountToken } = options;
  return async (authorization, kinds = OWN) => {
    if (authorization === undefined) throw new Problem(tokenErrors.missing);
    const [scheme, token, ...rest] = authorization.split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0)
      throw new Problem(tokenErrors.invalid);
    const { kind, claims } = await verifyAccessToken(token).catch((error: unknown) => {
      if (!(error instanceof Problem) || error.kind !== tokenErrors.invalid) throw error;
      return verifyAccountToken(token);
    });
    const person = await options.findCaller(claims.session_id, claims.userId);
    if (!person) throw new Problem(sessionErrors.ended);
    if (!kinds.includes(kind)) throw new Problem(tokenErrors.wrong_kind);
    return { userId: claims.userId, sessionId: claims.session_id, claims };
  };
}
