import { type JWTPayload, errors as joseErrors, jwtVerify } from 'jose';
import type { Signer } from './signer.js';

/** Longer than any token of ours: checked before a byte of it is parsed. */
const MAX_LENGTH = 8192;
const LEEWAY_S = 5;

/** Finds a key by its `kid`; undefined for one that is none of those a verifier believes. */
export type FindKey = (kid: string) => Pick<Signer, 'publicKey'> | undefined;

/**
 * The claims of a token that one of these keys has signed for us: `typ`, `iss`, times, and that these claims are there.
 * Key hints in the token (`jku`, `jwk`, `x5u`) are never followed.
 * @param expected `audience` undefined: for whomever it is
 * @param now milliseconds since 1970
 * @throws Error for anything else; whatever `findKey` throws
 */
export async function verifyOwnJwt(
  token: string,
  expected: { issuer: string; audience?: string; typ: string; requiredClaims: string[] },
  findKey: FindKey,
  now: () => number,
): Promise<JWTPayload> {
  if (token.length > MAX_LENGTH) throw new Error('longer than any token of ours');
  const { issuer, audience, typ, requiredClaims } = expected;
  const { payload } = await jwtVerify(
    token,
    ({ kid }) => {
      const key = findKey(kid ?? '');
      if (!key) throw new joseErrors.JWKSNoMatchingKey();
      return key.publicKey;
    },
    {
      algorithms: ['ES256', 'RS256'],
      typ,
      issuer,
      ...(audience === undefined ? {} : { audience }),
      requiredClaims,
      clockTolerance: LEEWAY_S,
      currentDate: new Date(now()),
    },
  );
  return payload;
}
