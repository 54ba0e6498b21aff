import { type JWTPayload, errors as joseErrors, jwtVerify } from 'jose';
import { Problem } from '../errors/problem.js';
import type { TokenKind } from '../http/token-kind.js';
import { kindOf } from './access-token.js';
import { tokenErrors } from './errors.js';
import type { Signer } from './signer.js';

/** Longer than any token of ours: checked before a byte of it is parsed. */
const MAX_LENGTH = 8192;
const LEEWAY_S = 5;

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
 * Key hints in the token (`jku`, `jwk`, `x5u`) are never followed.
 * @throws Problem `token.invalid` (401): one answer, whatever was wrong
 */
export function createAccessTokenVerifier(options: {
  /** Of those that are published now. */
  findKey: (kid: string) => Pick<Signer, 'publicKey'> | undefined;
  kinds: readonly TokenKind[];
  issuer: string;
  audience: string;
  typ: string;
  now: () => number;
}): VerifyAccessToken {
  return async (token) => {
    if (token.length > MAX_LENGTH) throw new Problem(tokenErrors.invalid);
    try {
      const { payload } = await jwtVerify(
        token,
        ({ kid }) => {
          const key = options.findKey(kid ?? '');
          if (!key) throw new joseErrors.JWKSNoMatchingKey();
          return key.publicKey;
        },
        {
          algorithms: ['ES256', 'RS256'],
          typ: options.typ,
          issuer: options.issuer,
          audience: options.audience,
          requiredClaims: ['exp', 'iat', 'sub', 'jti', 'userId', 'session_id'],
          clockTolerance: LEEWAY_S,
          currentDate: new Date(options.now()),
        },
      );
      const kind = kindOf(payload.token_type);
      if (!kind || !options.kinds.includes(kind) || payload.userId !== payload.sub)
        throw new Problem(tokenErrors.invalid);
      return { kind, claims: payload as AccessClaims };
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw new Problem(tokenErrors.invalid, { cause: error });
    }
  };
}
