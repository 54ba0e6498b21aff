import { errors as joseErrors, jwtVerify } from 'jose';
import type { Signer } from './signer.js';

const MAX_LENGTH = 8192;
const LEEWAY_S = 5;

/** The name of the service that a system token of ours is of, whomever it is for; undefined for anything else. */
export type ReadSystemToken = (token: string) => Promise<string | undefined>;

/** @param now milliseconds since 1970 */
export function createSystemTokenReader(options: {
  /** Of those that are published now. */
  findKey: (kid: string) => Pick<Signer, 'publicKey'> | undefined;
  issuer: string;
  typ: string;
  now: () => number;
}): ReadSystemToken {
  const { findKey, issuer, typ, now } = options;

  async function read(token: string): Promise<string | undefined> {
    const findPublicKey = ({ kid = '' }) => {
      const key = findKey(kid);
      if (!key) throw new joseErrors.JWKSNoMatchingKey();
      return key.publicKey;
    };
    const { payload } = await jwtVerify(token, findPublicKey, {
      algorithms: ['ES256', 'RS256'],
      typ,
      issuer,
      requiredClaims: ['exp', 'iat', 'sub', 'jti'],
      clockTolerance: LEEWAY_S,
      currentDate: new Date(now()),
    });
    return payload.token_type === 'system' ? payload.sub?.replace(/^service:/, '') : undefined;
  }

  return async (token) => (token.length > MAX_LENGTH ? undefined : read(token).catch(() => undefined));
}
