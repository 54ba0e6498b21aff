import { join } from 'node:path';
import { OTP_TICKET_JWKS } from '../src/tokens/key-files.js';
import type { PartsDescription } from './parts.js';
import type { Ports } from './ports.js';
import type { Secrets } from './secrets-file.js';
import { ARGON2_MEMORY_KIB } from './service-environment.js';

export const CONSOLE_ADMIN = 'admin';

/** How passwords are hashed, and told from common ones; docker/keycloak/Dockerfile says the same. */
export const HASHING = {
  KC_SPI_PASSWORD_HASHING__ARGON2__MEMORY: ARGON2_MEMORY_KIB,
  KC_SPI_PASSWORD_HASHING__ARGON2__ITERATIONS: '3',
  KC_SPI_PASSWORD_HASHING__ARGON2__PARALLELISM: '4',
  // Keycloak's default calls one good password in 10,000 a common one.
  KC_SPI_PASSWORD_POLICY__PASSWORD_BLACKLIST__FALSE_POSITIVE_PROBABILITY: '0.000000001',
};

/** The realm's placeholders that are no secrets: the same for Keycloak's import and for the job that keeps the realm. */
export function realmUrls(parts: PartsDescription): Record<string, string> {
  return {
    NX_IDENTITY_PUBLIC_URL: parts.realmUrls.identityPublicUrl,
    NX_SPA_ORIGIN: parts.realmUrls.spaOrigin,
  };
}

/** Keycloak's settings that are secret or that the realm asks for: by environment, as a command line is public. */
export function keycloakEnvironment(
  parts: PartsDescription,
  ports: Pick<Ports, 'postgres'>,
  secrets: Secrets,
): Record<string, string> {
  return {
    KC_DB_URL: `jdbc:postgresql://127.0.0.1:${ports.postgres}/keycloak`,
    KC_DB_USERNAME: 'keycloak',
    KC_DB_PASSWORD: secrets.keycloakDatabasePassword,
    // Both act only when the realm master is made; they are kept, as nothing else knows them afterwards.
    KC_BOOTSTRAP_ADMIN_CLIENT_ID: parts.keycloak.adminClientId,
    KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: parts.keycloak.adminClientSecret,
    KC_BOOTSTRAP_ADMIN_USERNAME: CONSOLE_ADMIN,
    KC_BOOTSTRAP_ADMIN_PASSWORD: secrets.keycloakAdminPassword,
    ...HASHING,
    KC_SPI_NX__OTP_TICKET__JWKS: join(parts.keysDir, OTP_TICKET_JWKS),
    KC_SPI_NX__ADAPTER__URL: `http://127.0.0.1:${parts.service.internalPort}`,
    KC_SPI_NX__ADAPTER__SECRET_FILE: parts.keycloak.bridgeSecretFile,
    KC_SPI_NX__MAIL__KEY_FILE: parts.keycloak.mailKeyFile,
    NX_KEYCLOAK_CLIENT_SECRET: secrets.keycloakClientSecret,
    ...realmUrls(parts),
  };
}
