import { Problem } from '../errors/problem.js';
import { tokenErrors } from './errors.js';
import { createInternalJwts } from './internal-jwt.js';
import type { Signer } from './signer.js';

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

/** Refresh tokens: internal JWTs that follow from the session's row. */
export function createRefreshTokens(options: {
  signer: Signer;
  issuer: string;
  now: () => number;
}): RefreshTokens {
  const jwts = createInternalJwts({ typ: 'rt+jwt', ...options });
  return {
    mint: (grant) =>
      jwts.mint({
        sub: grant.userId,
        iat: grant.issuedAt,
        exp: grant.expiresAt,
        jti: `${grant.sessionId}.${grant.generation}`,
        account_id: grant.userId,
        session_id: grant.sessionId,
        token_type: 'refresh',
      }),
    async read(token) {
      const { sub: userId, jti } = await jwts.read(token).catch((error: unknown) => {
        throw new Problem(tokenErrors.invalid, { cause: error });
      });
      const [sessionId = '', generation = ''] = jti.split('.');
      return { userId, sessionId, generation: Number(generation) };
    },
  };
}
