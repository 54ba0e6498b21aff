import type { PartsDescription } from './parts.js';

/** The memory of a user's password hash (R8): Keycloak is started with it, and the service told of it. */
export const ARGON2_MEMORY_KIB = process.env.IDENTITY_ARGON2_MEMORY_KIB ?? '65536';

/** The service's settings for use with these parts, on a developer's machine and in tests. */
export function serviceEnvironment(
  parts: PartsDescription,
  runMode: 'all' | 'server' | 'worker' | 'migrate' = 'all',
): Record<string, string> {
  return {
    NODE_ENV: 'development',
    RUN_MODE: runMode,
    IDENTITY_DEV_TOOLS: '1',
    IDENTITY_DEV_INBOX_URL: parts.inbox.url,
    IDENTITY_DEV_INBOX_SMTP_URL: parts.inbox.smtpUrl,
    IDENTITY_HOST: '127.0.0.1',
    IDENTITY_PORT: String(parts.service.port),
    IDENTITY_METRICS_PORT: String(parts.service.metricsPort),
    IDENTITY_INTERNAL_PORT: String(parts.service.internalPort),
    IDENTITY_JWT_ISSUER: parts.service.url,
    IDENTITY_JWT_AUDIENCE: 'nx',
    DATABASE_URL: runMode === 'migrate' ? parts.postgres.ownerUrl : parts.postgres.appUrl,
    REDIS_URL: parts.redis.url,
    IDENTITY_KEYCLOAK_URL: parts.keycloak.url,
    IDENTITY_KEYCLOAK_REALM: parts.keycloak.realm,
    IDENTITY_KEYCLOAK_CLIENT_ID: parts.keycloak.clientId,
    IDENTITY_KEYCLOAK_CLIENT_SECRET_FILE: parts.keycloak.clientSecretFile,
    IDENTITY_KEYS_DIR: parts.keysDir,
    IDENTITY_ARGON2_MEMORY_KIB: ARGON2_MEMORY_KIB,
    // Whatever the person has set: the service never gets it.
    IDENTITY_REALM_ADMIN_CLIENT_ID: '',
    IDENTITY_REALM_ADMIN_CLIENT_SECRET_FILE: '',
  };
}
