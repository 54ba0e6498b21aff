import { type FindKey, verifyOwnJwt } from './verify-own-jwt.js';

/** The name of the service that a system token of ours is of, whomever it is for; undefined for anything else. */
export type ReadSystemToken = (token: string) => Promise<string | undefined>;

/** @param now milliseconds since 1970 */
export function createSystemTokenReader(options: {
  /** Of those that are published now. */
  findKey: FindKey;
  issuer: string;
  typ: string;
  now: () => number;
}): ReadSystemToken {
  const { findKey, issuer, typ, now } = options;
  const expected = { issuer, typ, requiredClaims: ['exp', 'iat', 'sub', 'jti'] };

  async function read(token: string): Promise<string | undefined> {
    const payload = await verifyOwnJwt(token, expected, findKey, now);
    return payload.token_type === 'system' ? payload.sub?.replace(/^service:/, '') : undefined;
  }

  return (token) => read(token).catch(() => undefined);
}
