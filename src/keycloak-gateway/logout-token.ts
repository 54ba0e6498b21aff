import { z } from 'zod';
import type { VerifyRealmToken } from './realm-keys.js';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Seconds that a logout token is good for, by its `iat`, whatever its `exp` says. */
const MAX_AGE_S = 120;
const CLOCK_SKEW_S = 5;

/** OpenID Connect Back-Channel Logout 1.0 §2.4: a `nonce` would make it an ID token in disguise. */
const claims = z.object({
  jti: z.string().min(1).max(255),
  sub: z.string().min(1).max(255).optional(),
  sid: z.string().min(1).max(255).optional(),
  events: z.looseObject({ [EVENT]: z.looseObject({}) }),
  nonce: z.never().optional(),
});

export interface LogoutToken {
  jti: string;
  /** The person's id in Keycloak. */
  sub?: string | undefined;
  /** One Keycloak session; without it, all of that person's. */
  sid?: string | undefined;
}

/** How long a `jti` has to be remembered (seconds): older tokens are refused for their age. */
export const LOGOUT_TOKEN_LIFE_S = MAX_AGE_S + 2 * CLOCK_SKEW_S;

/**
 * Reads a logout token (§2.6: signature, `iss`, `aud`, `iat`, `exp`, `typ`, `events`, `sub` or `sid`, no `nonce`).
 * Null when anything of it is bent. Whether its `jti` came before is the caller's to know.
 * @throws Problem `keycloak.unavailable` (503) when the realm's keys can't be had
 */
export function createLogoutTokenReader(verify: VerifyRealmToken) {
  return async (token: string): Promise<LogoutToken | null> => {
    const payload = await verify(token, {
      typ: 'logout+jwt',
      maxTokenAge: MAX_AGE_S,
      clockTolerance: CLOCK_SKEW_S,
      requiredClaims: ['exp', 'iat', 'jti', 'events'],
    });
    const { success, data } = claims.safeParse(payload);
    if (!success || (data.sub === undefined && data.sid === undefined)) return null;
    return { jti: data.jti, sub: data.sub, sid: data.sid };
  };
}
