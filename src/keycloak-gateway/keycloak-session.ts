import { type Configuration, ResponseBodyError, refreshTokenGrant, tokenIntrospection } from 'openid-client';
import { keycloakUnavailable } from './errors.js';

export type SessionCheck = { alive: true; refreshToken: string } | { alive: false };

export interface KeycloakSessions {
  /**
   * Asks whether the session behind a Keycloak refresh token still lives and its person is enabled, which also
   * keeps the session from idling out. Answers the refresh token to keep from now on.
   * @throws Problem `keycloak.unavailable` (503)
   */
  recheck(refreshToken: string): Promise<SessionCheck>;
  /** Whether Keycloak stands by an access token right now: session alive, person enabled, not revoked (RFC 7662). */
  isActive(accessToken: string): Promise<boolean>;
}

export function createKeycloakSessions(oidc: Configuration): KeycloakSessions {
  return {
    async recheck(refreshToken) {
      try {
        const tokens = await refreshTokenGrant(oidc, refreshToken);
        return { alive: true, refreshToken: tokens.refresh_token ?? refreshToken };
      } catch (error) {
        if (error instanceof ResponseBodyError && error.error === 'invalid_grant') return { alive: false };
        throw keycloakUnavailable(error);
      }
    },
    async isActive(accessToken) {
      try {
        return (await tokenIntrospection(oidc, accessToken, { token_type_hint: 'access_token' })).active;
      } catch (error) {
        throw keycloakUnavailable(error);
      }
    },
  };
}
