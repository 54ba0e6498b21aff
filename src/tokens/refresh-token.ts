import { jwtVerify } from 'jose';
import { Problem } from '../errors/problem.js';
import { tokenErrors } from './errors.js';
import { signJwt } from './sign-jwt.js';
import type { Signer } from './signer.js';

const TYP = 'rt+jwt';
const MAX_LENGTH = 2048;

/** Everything a refresh token says; times in seconds since 1970. */
export interface RefreshGrant {
  userId: string;
  sessionId: string;
  /** Counts the rotations of the session's token. */
  generation: number;
  issuedAt: number;
  expiresAt: number;
}

export interface RefreshTokens {
  /** The same grant gives the same token, byte for byte: Ed25519 is deterministic (RFC 8032 §5.1.6). */
  mint(grant: RefreshGrant): Promise<string>;
  /** @throws Problem `token.invalid` (401) */
  read(token: string): Promise<Pick<RefreshGrant, 'userId' | 'sessionId' | 'generation'>>;
}

/** Refresh tokens: JWTs by an internal key of their own that `/jw-certs` never shows (D1). */
export function createRefreshTokens(options: {
  signer: Signer;
  issuer: string;
  now: () => number;
}): RefreshTokens {
  const { signer, issuer, now } = options;
  return {
    mint: (grant) =>
      signJwt(signer, TYP, {
        iss: issuer,
        aud: issuer,
        sub: grant.userId,
        iat: grant.issuedAt,
        exp: grant.expiresAt,
        jti: `${grant.sessionId}.${grant.generation}`,
        account_id: grant.userId,
        session_id: grant.sessionId,
        token_type: 'refresh',
      }),
    async read(token) {
      if (token.length > MAX_LENGTH) throw new Problem(tokenErrors.invalid);
      const { payload } = await jwtVerify(token, signer.publicKey, {
        algorithms: [signer.alg],
        typ: TYP,
        issuer,
        audience: issuer,
        requiredClaims: ['exp', 'iat', 'sub', 'jti'],
        currentDate: new Date(now()),
      }).catch((error: unknown) => {
        throw new Problem(tokenErrors.invalid, { cause: error });
      });
      const [sessionId = '', generation = ''] = (payload.jti as string).split('.');
      return { userId: payload.sub as string, sessionId, generation: Number(generation) };
    },
  };
}
