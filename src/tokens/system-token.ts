import type { AccessTokenSettings, MintedToken, RoleClaim } from './access-token.js';
import { signJwt } from './sign-jwt.js';
import type { Signer } from './signer.js';
import { standardClaims } from './standard-claims.js';
import { type StatusListUri, type StatusPlace, statusClaim } from './status-lists/index.js';

/** A service asks for the next one whenever it likes, so the rights in this one need not live long. */
const TTL_S = 300;
const MAX_ROLES = 50;

export interface SystemSubject {
  name: string;
  roles: RoleClaim[];
  /** The one registered service that the token is for. */
  audience: string;
  /** The place of the credential that it asked with. */
  status: StatusPlace | null;
}

export type MintSystemToken = (subject: SystemSubject) => Promise<MintedToken>;

/**
 * Mints the token of a service (contract §1): `{ iss aud iat nbf exp jti sub client_id roles account_type typ
 * token_type token_scope status }`. It names no user and no session, so our own verifier refuses it on users' routes.
 * @param now milliseconds since 1970
 */
export function createSystemTokenMinter(options: {
  currentSigner: () => Signer;
  settings: Pick<AccessTokenSettings, 'issuer' | 'typ' | 'rolesClaim'>;
  statusListUri: StatusListUri;
  now: () => number;
  newJti: () => string;
}): MintSystemToken {
  const { currentSigner, settings, statusListUri, now, newJti } = options;
  return async ({ name, roles, audience, status }) => {
    const iat = Math.floor(now() / 1000);
    const shown = roles.slice(0, MAX_ROLES);
    const names = { issuer: settings.issuer, audience, sub: `service:${name}`, clientId: name };
    const token = await signJwt(currentSigner(), settings.typ, {
      ...standardClaims({ ...names, iat, exp: iat + TTL_S, jti: newJti() }),
      roles: settings.rolesClaim === 'identifiers' ? shown.map((role) => role.identifier) : shown,
      ...(roles.length > MAX_ROLES ? { truncated: true } : {}),
      account_type: 'service',
      typ: 'Bearer',
      token_type: 'system',
      token_scope: 'SYSTEM',
      ...statusClaim(status, statusListUri),
    });
    return { token, expiresIn: TTL_S };
  };
}
