import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { keycloakUnavailable } from './errors.js';
import { type KeycloakSettings, keycloakAddresses } from './oidc-client.js';

const MAX_LENGTH = 8192;

/**
 * Verifies that a text is an access token of the realm, meant for this service: signature by the realm's keys,
 * issuer, audience, times. Null when it isn't.
 * @throws Problem `keycloak.unavailable` (503) when the realm's keys can't be had
 */
export function createKeycloakTokenVerifier(settings: KeycloakSettings) {
  const { issuer, jwksUri } = keycloakAddresses(settings);
  const keys = createRemoteJWKSet(new URL(jwksUri), {
    timeoutDuration: settings.timeoutMs,
    cooldownDuration: 10_000,
  });
  return async (token: string): Promise<JWTPayload | null> => {
    if (token.length > MAX_LENGTH) return null;
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['RS256', 'ES256', 'PS256', 'EdDSA'],
        issuer,
        audience: settings.clientId,
        requiredClaims: ['exp', 'iat', 'sub'],
      });
      return payload;
    } catch (error) {
      if (isKeyFetchFailure(error)) throw keycloakUnavailable(error);
      return null;
    }
  };
}

/** jose tells a bad token from keys it couldn't fetch only by class and code. */
function isKeyFetchFailure(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return true;
  return (
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === 'ERR_JOSE_GENERIC'
  );
}
