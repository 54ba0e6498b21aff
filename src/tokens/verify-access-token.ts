import type { JWTPayload } from 'jose';
import { Problem } from '../errors/problem.js';
import type { TokenKind } from '../http/token-kind.js';
import { kindOf } from './access-token.js';
import { tokenErrors } from './errors.js';
import { type FindKey, verifyOwnJwt } from './verify-own-jwt.js';

export interface AccessClaims extends JWTPayload {
  sub: string;
  userId: string;
  session_id: string;
  token_type: string;
}

export type VerifyAccessToken = (token: string) => Promise<{ kind: TokenKind; claims: AccessClaims }>;

/**
 * Verifies a person's access token: by one of these keys, `typ`, `iss`, `aud`, times, and that it is of one of
 * these kinds. A verifier knows the keys of its kinds and no other (D1).
 * @throws Problem `token.invalid` (401): one answer, whatever was wrong
 */
export function createAccessTokenVerifier(options: {
  /** Of those that are published now. */
  findKey: FindKey;
  kinds: readonly TokenKind[];
  issuer: string;
  audience: string;
  typ: string;
  now: () => number;
}): VerifyAccessToken {
  const { findKey, kinds, issuer, audience, typ, now } = options;
  const requiredClaims = ['exp', 'iat', 'sub', 'jti', 'userId', 'session_id'];
  return async (token) => {
    try {
      const payload = await verifyOwnJwt(token, { issuer, audience, typ, requiredClaims }, findKey, now);
      const kind = kindOf(payload.token_type);
      if (!kind || !kinds.includes(kind) || payload.userId !== payload.sub)
        throw new Problem(tokenErrors.invalid);
      return { kind, claims: payload as AccessClaims };
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw new Problem(tokenErrors.invalid, { cause: error });
    }
  };
}
