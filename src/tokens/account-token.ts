import {
  type AccessTokenSettings,
  type MintedToken,
  type PersonSubject,
  personClaims,
} from './access-token.js';
import { signJwt } from './sign-jwt.js';
import type { Signer } from './signer.js';
import { standardClaims } from './standard-claims.js';
import { type StatusListUri, statusClaim } from './status-lists/index.js';

export type MintAccountToken = (subject: PersonSubject, expiresBy?: number) => Promise<MintedToken>;

/**
 * Mints account tokens (contract §1): who somebody is, and nothing that they may do. Good for selecting a branch.
 * @param signer of a key of its own: stock sisters take whatever a published key has signed (D1)
 * @param now milliseconds since 1970
 */
export function createAccountTokenMinter(options: {
  signer: Signer;
  settings: AccessTokenSettings;
  statusListUri: StatusListUri;
  now: () => number;
  newJti: () => string;
}): MintAccountToken {
  const { signer, settings, statusListUri, now, newJti } = options;
  return async (subject, expiresBy = Number.POSITIVE_INFINITY) => {
    const iat = Math.floor(now() / 1000);
    const exp = Math.min(iat + settings.ttlS, Math.floor(expiresBy));
    const { issuer, audience } = settings;
    const names = { issuer, audience, sub: subject.userId, clientId: subject.clientId };
    const token = await signJwt(signer, settings.typ, {
      ...standardClaims({ ...names, iat, exp, jti: newJti() }),
      ...personClaims(subject, 'account'),
      ...statusClaim(subject.status, statusListUri),
      roles: [],
      organizers: [],
      merchants: [],
    });
    return { token, expiresIn: exp - iat };
  };
}
