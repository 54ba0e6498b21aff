import { decodeJwt, errors as joseErrors, jwtVerify } from 'jose';
import type { Signer } from './signer.js';
import { readStatusPlace, type StatusPlace } from './status-lists/index.js';

const MAX_LENGTH = 8192;
const LEEWAY_S = 5;

export interface SystemToken {
  /** Of the service that it was given to. */
  name: string;
  /** The place of the credential that it was asked for with; null when that has none. */
  status: StatusPlace | null;
}

/** What a system token of ours says; undefined for anything else. */
export type ReadSystemToken = (token: string) => Promise<SystemToken | undefined>;

/**
 * @param audience whom the token has to be for; anybody when undefined
 * @param now milliseconds since 1970
 */
export function createSystemTokenReader(options: {
  /** Of those that are published now. */
  findKey: (kid: string) => Pick<Signer, 'publicKey'> | undefined;
  issuer: string;
  audience?: string;
  typ: string;
  now: () => number;
}): ReadSystemToken {
  const { findKey, issuer, audience, typ, now } = options;

  async function read(token: string): Promise<SystemToken | undefined> {
    // Most tokens are people's: those cost no second verification.
    if (decodeJwt(token).token_type !== 'system') return undefined;
    const findPublicKey = ({ kid = '' }) => {
      const key = findKey(kid);
      if (!key) throw new joseErrors.JWKSNoMatchingKey();
      return key.publicKey;
    };
    const { payload } = await jwtVerify(token, findPublicKey, {
      algorithms: ['ES256', 'RS256'],
      typ,
      issuer,
      ...(audience === undefined ? {} : { audience }),
      requiredClaims: ['exp', 'iat', 'sub', 'jti'],
      clockTolerance: LEEWAY_S,
      currentDate: new Date(now()),
    });
    const name = String(payload.sub).replace(/^service:/, '');
    return { name, status: readStatusPlace(payload.status) };
  }

  return async (token) => (token.length > MAX_LENGTH ? undefined : read(token).catch(() => undefined));
}
