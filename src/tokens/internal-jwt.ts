import { type JWTPayload, jwtVerify } from 'jose';
import { signJwt } from './sign-jwt.js';
import type { Signer } from './signer.js';

const MAX_LENGTH = 2048;

export interface InternalJwts {
  /** Same claims, same token, where the key is Ed25519. */
  mint(claims: { sub: string; iat: number; exp: number; jti: string } & JWTPayload): Promise<string>;
  /** @throws Error for anything but a token of this kind, by this key, that has not run out */
  read(token: string): Promise<JWTPayload & { sub: string; jti: string }>;
}

/**
 * JWTs that this service writes to itself, by a key of their own that `/jw-certs` never shows (D1).
 * @param now milliseconds since 1970
 */
export function createInternalJwts(options: {
  typ: string;
  signer: Signer;
  issuer: string;
  now: () => number;
}): InternalJwts {
  const { typ, signer, issuer, now } = options;
  return {
    mint: (claims) => signJwt(signer, typ, { iss: issuer, aud: issuer, ...claims }),
    async read(token) {
      if (token.length > MAX_LENGTH) throw new Error('longer than any token of ours');
      const { payload } = await jwtVerify(token, signer.publicKey, {
        algorithms: [signer.alg],
        typ,
        issuer,
        audience: issuer,
        requiredClaims: ['exp', 'iat', 'sub', 'jti'],
        currentDate: new Date(now()),
      });
      return payload as JWTPayload & { sub: string; jti: string };
    },
  };
}
