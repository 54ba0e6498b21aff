import { signJwt } from './sign-jwt.js';
import type { Signer } from './signer.js';
import { standardClaims } from './standard-claims.js';

const MAX_LENGTH = 4096;
const MAX_ITEMS = 50;

export interface RoleClaim {
  id: string;
  identifier: string;
  priority: number;
}

/** What a platform token says of a person. Times in seconds since 1970. */
export interface PlatformSubject {
  userId: string;
  sessionId: string;
  clientId: string;
  roles: RoleClaim[];
  organizers: string[];
  merchants: string[];
  policyVersion: number;
  amr: string[];
  acr: string | null;
  authTime: number;
}

export interface AccessTokenSettings {
  issuer: string;
  audience: string;
  typ: string;
  rolesClaim: 'objects' | 'identifiers';
  ttlS: number;
}

export interface MintedToken {
  token: string;
  expiresIn: number;
}

export type MintAccessToken = (subject: PlatformSubject, expiresBy?: number) => Promise<MintedToken>;

/**
 * Mints access tokens (T2): `{ iss aud iat nbf exp jti sub client_id userId roles organizers merchants … }`.
 * Lists are cut at 50 entries, and further until the token fits in 4 KiB; then `truncated` is true.
 * @param now milliseconds since 1970
 */
export function createAccessTokenMinter(options: {
  currentSigner: () => Signer;
  settings: AccessTokenSettings;
  now: () => number;
  newJti: () => string;
}): MintAccessToken {
  const { currentSigner, settings, now, newJti } = options;
  return async (subject, expiresBy = Number.POSITIVE_INFINITY) => {
    const signer = currentSigner();
    const iat = Math.floor(now() / 1000);
    const exp = Math.min(iat + settings.ttlS, Math.floor(expiresBy));
    const { issuer, audience } = settings;
    const names = { issuer, audience, sub: subject.userId, clientId: subject.clientId };
    const fixed = { ...standardClaims({ ...names, iat, exp, jti: newJti() }), ...personClaims(subject) };
    for (let most = MAX_ITEMS; ; most = Math.floor(most * 0.8)) {
      const token = await signJwt(signer, settings.typ, { ...fixed, ...listClaims(subject, settings, most) });
      if (token.length <= MAX_LENGTH || most === 0) return { token, expiresIn: exp - iat };
    }
  };
}

function personClaims(subject: PlatformSubject) {
  return {
    userId: subject.userId,
    account_id: subject.userId,
    account_type: 'user',
    session_id: subject.sessionId,
    typ: 'Bearer',
    token_type: 'platform',
    token_scope: 'PLATFORM',
    policy_version: subject.policyVersion,
    amr: subject.amr,
    auth_time: subject.authTime,
    ...(subject.acr === null ? {} : { acr: subject.acr }),
  };
}

function listClaims(subject: PlatformSubject, settings: AccessTokenSettings, most: number) {
  const { roles, organizers, merchants } = subject;
  const shown = roles.slice(0, most);
  return {
    roles: settings.rolesClaim === 'identifiers' ? shown.map((role) => role.identifier) : shown,
    organizers: organizers.slice(0, most),
    merchants: merchants.slice(0, most),
    ...([roles, organizers, merchants].some((items) => items.length > most) ? { truncated: true } : {}),
  };
}
