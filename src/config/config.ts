import type { z } from 'zod';
import { contradictions, notForServing, unsupported } from './contradictions.js';
import { type Environment, environmentSchema, type keySettings } from './environment-schema.js';
import { findPrivateKeyText } from './private-key-text.js';
import { readEnvironment, readSecretFile } from './secret-files.js';

/** The whole configuration, frozen; nothing else in the service reads the environment. */
export type Config = Readonly<ReturnType<typeof shape>>;

export class InvalidConfig extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/**
 * Reads and checks the environment once.
 * @throws InvalidConfig naming every problem at once (R8)
 */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const { given, problems: unreadable } = readEnvironment(environment);
  const parsed = environmentSchema.safeParse(given);
  const problems = [
    ...findPrivateKeyText(environment),
    ...unreadable,
    ...unsupported(given),
    ...notForServing(given),
    ...(parsed.success ? contradictions(parsed.data) : parsed.error.issues.map(describe)),
  ];
  const secret = parsed.success
    ? readSecretFile('IDENTITY_KEYCLOAK_CLIENT_SECRET_FILE', parsed.data.IDENTITY_KEYCLOAK_CLIENT_SECRET_FILE)
    : {};
  if (secret.problem) problems.push(secret.problem);
  if (!parsed.success || secret.value === undefined || problems.length > 0) throw new InvalidConfig(problems);
  return Object.freeze(shape(parsed.data, secret.value));
}

function shape(env: Environment, keycloakClientSecret: string) {
  return {
    environment: env.NODE_ENV,
    runMode: env.RUN_MODE,
    logLevel: env.LOG_LEVEL,
    traces: { endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT, serviceName: env.OTEL_SERVICE_NAME },
    devTools: env.IDENTITY_DEV_TOOLS,
    devInbox: devInbox(env),
    database: {
      url: env.DATABASE_URL,
      directUrl: env.DATABASE_DIRECT_URL,
      poolSize: env.DATABASE_POOL_SIZE,
    },
    redis: { urls: env.REDIS_URL, cluster: env.REDIS_CLUSTER },
    http: {
      host: env.IDENTITY_HOST,
      port: env.IDENTITY_PORT,
      metricsPort: env.IDENTITY_METRICS_PORT,
      trustedHops: env.IDENTITY_TRUSTED_HOPS,
      corsOrigins: env.IDENTITY_CORS_ORIGINS,
    },
    internal: { host: env.IDENTITY_INTERNAL_HOST, port: env.IDENTITY_INTERNAL_PORT },
    services: { addresses: env.IDENTITY_SERVICE_ADDRESSES },
    tokens: {
      issuer: env.IDENTITY_JWT_ISSUER,
      audience: env.IDENTITY_JWT_AUDIENCE,
      typ: env.IDENTITY_TOKEN_TYP,
      rolesClaim: env.IDENTITY_ROLES_CLAIM,
      ttlS: env.IDENTITY_ACCESS_TOKEN_TTL_S,
      statusListTtlS: env.IDENTITY_STATUS_LIST_TTL_S,
      keysDir: env.IDENTITY_KEYS_DIR,
      publishAccountKey: env.IDENTITY_PUBLISH_ACCOUNT_KEY,
    },
    keys: keyTimes(env),
    sessions: {
      absoluteTtlS: env.IDENTITY_SESSION_ABSOLUTE_TTL_S,
      idleTtlS: env.IDENTITY_SESSION_IDLE_TTL_S,
      refreshGraceS: env.IDENTITY_REFRESH_GRACE_S,
      keycloakRecheckS: env.IDENTITY_KEYCLOAK_RECHECK_S,
    },
    audit: { retentionMonths: env.IDENTITY_AUDIT_RETENTION_MONTHS },
    snowflake: { workerIds: env.IDENTITY_SNOWFLAKE_WORKER_IDS },
    keycloak: {
      url: env.IDENTITY_KEYCLOAK_URL,
      publicUrl: env.IDENTITY_KEYCLOAK_PUBLIC_URL ?? env.IDENTITY_KEYCLOAK_URL,
      realm: env.IDENTITY_KEYCLOAK_REALM,
      clientId: env.IDENTITY_KEYCLOAK_CLIENT_ID,
      clientSecret: keycloakClientSecret,
      timeoutMs: env.IDENTITY_KEYCLOAK_TIMEOUT_MS,
      argon2MemoryKib: env.IDENTITY_ARGON2_MEMORY_KIB,
      roles: env.IDENTITY_KEYCLOAK_ROLES,
      exchangeClients: env.IDENTITY_EXCHANGE_CLIENTS,
    },
    messages: { retentionDays: env.IDENTITY_MESSAGE_RETENTION_DAYS },
    otp: { countries: env.IDENTITY_OTP_COUNTRIES },
    people: { phoneDormantDays: env.IDENTITY_PHONE_DORMANT_DAYS },
    policies: { revokeOnLoss: env.IDENTITY_REVOKE_ON_LOSS },
    organizations: { invitationUrl: env.IDENTITY_INVITATION_URL ?? `${env.IDENTITY_JWT_ISSUER}/invitation` },
    answerBeatMs: env.IDENTITY_ANSWER_BEAT_MS,
    limits: limits(env),
  };
}

/** Lead and overlap count by the database's clock; rotation 0: by hand alone. */
export function keyTimes(env: Pick<Environment, keyof typeof keySettings>) {
  return {
    alg: env.IDENTITY_SIGNING_ALG,
    leadS: env.IDENTITY_KEY_LEAD_S,
    rotationDays: env.IDENTITY_KEY_ROTATION_DAYS,
    overlapDays: env.IDENTITY_KEY_OVERLAP_DAYS,
  };
}

/** Where mail and SMS end in development; undefined without one. */
function devInbox({ IDENTITY_DEV_INBOX_URL: url, IDENTITY_DEV_INBOX_SMTP_URL: smtpUrl }: Environment) {
  return url !== undefined && smtpUrl !== undefined ? { url, smtpUrl } : undefined;
}

/** Requests a minute; codes an hour. Behind dev tools everybody shares one address, so those limits are ten times as high. */
function limits(env: Environment) {
  const addressFactor = env.IDENTITY_DEV_TOOLS ? 10 : 1;
  return {
    signInPerIdentifier: env.IDENTITY_LIMIT_SIGN_IN_PER_IDENTIFIER,
    signInPerAddress: env.IDENTITY_LIMIT_SIGN_IN_PER_ADDRESS * addressFactor,
    refreshPerSession: env.IDENTITY_LIMIT_REFRESH_PER_SESSION,
    refreshPerAddress: env.IDENTITY_LIMIT_REFRESH_PER_ADDRESS * addressFactor,
    otpPerAddress: env.IDENTITY_LIMIT_OTP_PER_ADDRESS * addressFactor,
    otpPerAddressBlock: env.IDENTITY_LIMIT_OTP_PER_ADDRESS_BLOCK * addressFactor,
    invitationsPerUser: env.IDENTITY_LIMIT_INVITATIONS_PER_USER,
    servicePerName: env.IDENTITY_LIMIT_SERVICE_PER_NAME,
    servicePerAddress: env.IDENTITY_LIMIT_SERVICE_PER_ADDRESS * addressFactor,
  };
}

function describe(issue: z.core.$ZodIssue): string {
  const name = issue.path.join('.');
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  return missing ? `${name} is missing` : `${name}: ${issue.message}`;
}
