import { decodeJwt } from 'jose';
import { readStatusPlace, type StatusPlace } from './status-lists/index.js';
import { type FindKey, verifyOwnJwt } from './verify-own-jwt.js';

export interface SystemToken {
  /** Of the service that it was given to. */
  name: string;
  /** The place of the credential that it was asked for with; null when that has none. */
  status: StatusPlace | null;
}

/** What a system token of ours says; undefined for anything else. */
export type ReadSystemToken = (token: string) => Promise<SystemToken | undefined>;

/**
 * @param options.audience whom the token has to be for; anybody when undefined
 * @param options.now milliseconds since 1970
 */
export function createSystemTokenReader(options: {
  /** Of those that are published now. */
  findKey: FindKey;
  issuer: string;
  audience?: string;
  typ: string;
  now: () => number;
}): ReadSystemToken {
  const { findKey, now, ...accepted } = options;
  const expected = { ...accepted, requiredClaims: ['exp', 'iat', 'sub', 'jti'] };

  async function read(token: string): Promise<SystemToken | undefined> {
    // Most tokens are people's: those cost no second verification.
    if (decodeJwt(token).token_type !== 'system') return undefined;
    const { sub, status } = await verifyOwnJwt(token, expected, findKey, now);
    return { name: String(sub).replace(/^service:/, ''), status: readStatusPlace(status) };
  }

  return (token) => read(token).catch(() => undefined);
}
