import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import { keycloakUnavailable } from './errors.js';
import { type KeycloakSettings, keycloakAddresses } from './oidc-client.js';

const MAX_LENGTH = 8192;

/** Null when a text is no token of the realm for this service, or does not fit the further options. */
export type VerifyRealmToken = (token: string, options: JWTVerifyOptions) => Promise<JWTPayload | null>;

/**
 * Verifies what the realm signed for this service: signature by its keys (fetched once a cooldown at most, however
 * many unknown `kid` come), issuer, audience, times.
 * @throws Problem `keycloak.unavailable` (503) when the realm's keys can't be had
 */
export function createRealmVerifier(settings: KeycloakSettings): VerifyRealmToken {
  const { issuer, jwksUri } = keycloakAddresses(settings);
  const keys = createRemoteJWKSet(new URL(jwksUri), {
    timeoutDuration: settings.timeoutMs,
    cooldownDuration: 10_000,
  });
  return async (token, options) => {
    if (token.length > MAX_LENGTH) return null;
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['RS256', 'ES256', 'PS256', 'EdDSA'],
        issuer,
        audience: settings.clientId,
        ...options,
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
