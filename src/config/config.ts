import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Network, parseNetwork } from './network.js';
import { findPrivateKeyText } from './private-key-text.js';

const flag = z.enum(['0', '1']).transform((value) => value === '1');
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);
/** Scheme, host and port of something that is called. */
export const origin = z
  .url({ protocol: /^https?$/, abort: true })
  .refine((value) => new URL(value).origin === value, {
    error: 'must be an origin: scheme, host and port, without a path or a trailing slash',
  });
const redisUrls = list.pipe(z.array(z.url({ protocol: /^rediss?$/ })).min(1));
const port = z.coerce.number().int().min(0).max(65535);
const seconds = z.coerce.number().int().positive();
const perMinute = z.coerce.number().int().positive();
/** ISO 3166-1 alpha-2. */
const countries = list.pipe(
  z.array(z.string().regex(/^[A-Z]{2}$/, { error: 'must be country codes such as VN' })).min(1),
);

const networks = list.transform((items, context): Network[] =>
  items.flatMap((item) => {
    const network = parseNetwork(item);
    if (network) return [network];
    context.addIssue({ code: 'custom', message: `${item} is no address and no network such as 10.0.0.0/8` });
    return [];
  }),
);

/** Range of snowflake worker ids that a replica may lease, such as `1-31` (10 bits: 0 to 1023). */
const workerIds = z
  .string()
  .regex(/^\d{1,4}(-\d{1,4})?$/)
  .transform((text) => {
    const [first, last = first] = text.split('-').map(Number) as [number, number?];
    return { first, last };
  })
  .refine(({ first, last }) => first <= last && last <= 1023, { error: 'must be a range within 0-1023' });

export const realmName = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .default('nx');

/** Held against the realm's session times (D4), by the server and by the job that keeps the realm. */
export const sessionTimes = {
  IDENTITY_SESSION_ABSOLUTE_TTL_S: seconds.min(300).max(2_592_000).default(28_800),
  IDENTITY_KEYCLOAK_RECHECK_S: seconds.max(1800).default(300),
};

/** What the environment may say. Names: requirement R8; secrets come as files, never as text (T4). */
const environmentSchema = z.object({
  NODE_ENV: z.string().default('production'),
  RUN_MODE: z.enum(['all', 'server', 'worker', 'migrate', 'realm-diff', 'reseal']).default('all'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),

  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  DATABASE_DIRECT_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(20).default(10),
  REDIS_URL: redisUrls,
  REDIS_CLUSTER: flag.default(false),

  IDENTITY_HOST: z.string().default('0.0.0.0'),
  IDENTITY_PORT: port.default(3000),
  IDENTITY_METRICS_PORT: port.default(9464),
  IDENTITY_INTERNAL_HOST: z.string().default('127.0.0.1'),
  IDENTITY_INTERNAL_PORT: port.default(3002),
  IDENTITY_SERVICE_ADDRESSES: networks.prefault('127.0.0.0/8,::1'),
  IDENTITY_TRUSTED_HOPS: z.coerce.number().int().min(0).max(8).default(0),
  IDENTITY_CORS_ORIGINS: list.pipe(z.array(origin)).default([]),
  IDENTITY_DEV_TOOLS: flag.default(false),
  IDENTITY_DEV_INBOX_URL: origin.optional(),
  IDENTITY_DEV_INBOX_SMTP_URL: z.url({ protocol: /^smtp$/ }).optional(),

  IDENTITY_JWT_ISSUER: origin,
  IDENTITY_JWT_AUDIENCE: z.string().min(1).max(128),
  IDENTITY_TOKEN_TYP: z.enum(['at+jwt', 'JWT']).default('at+jwt'),
  IDENTITY_ROLES_CLAIM: z.enum(['objects', 'identifiers']).default('objects'),
  IDENTITY_ACCESS_TOKEN_TTL_S: seconds.max(3600).default(900),
  ...sessionTimes,
  IDENTITY_REFRESH_GRACE_S: seconds.min(10).max(30).default(20),
  IDENTITY_KEYS_DIR: z.string().min(1),
  IDENTITY_SNOWFLAKE_WORKER_IDS: workerIds.default({ first: 1, last: 31 }),
  IDENTITY_AUDIT_RETENTION_MONTHS: z.coerce.number().int().min(1).max(1200).default(24),

  IDENTITY_KEYCLOAK_URL: origin,
  IDENTITY_KEYCLOAK_PUBLIC_URL: origin.optional(),
  IDENTITY_KEYCLOAK_REALM: realmName,
  IDENTITY_KEYCLOAK_CLIENT_ID: z.string().min(1).default('nx-identity'),
  IDENTITY_KEYCLOAK_CLIENT_SECRET_FILE: z.string().min(1),
  IDENTITY_KEYCLOAK_TIMEOUT_MS: z.coerce.number().int().min(100).max(30_000).default(3000),
  IDENTITY_EXCHANGE_CLIENTS: list.default(['nx-spa']),
  IDENTITY_ARGON2_MEMORY_KIB: z.coerce.number().int().min(19_456).default(65_536),

  IDENTITY_MESSAGE_RETENTION_DAYS: z.coerce.number().int().min(1).max(400).default(30),
  IDENTITY_OTP_COUNTRIES: countries.default(['VN']),
  IDENTITY_PHONE_DORMANT_DAYS: z.coerce.number().int().min(0).max(3650).default(180),

  IDENTITY_LIMIT_SIGN_IN_PER_IDENTIFIER: perMinute.default(10),
  IDENTITY_LIMIT_SIGN_IN_PER_ADDRESS: perMinute.default(100),
  IDENTITY_LIMIT_REFRESH_PER_SESSION: perMinute.default(60),
  IDENTITY_LIMIT_REFRESH_PER_ADDRESS: perMinute.default(600),
  IDENTITY_LIMIT_OTP_PER_ADDRESS: z.coerce.number().int().positive().default(20),
  IDENTITY_LIMIT_OTP_PER_ADDRESS_BLOCK: z.coerce.number().int().positive().default(100),
  IDENTITY_LIMIT_SERVICE_PER_NAME: perMinute.default(120),
  IDENTITY_LIMIT_SERVICE_PER_ADDRESS: perMinute.default(300),
});

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
  // An empty variable is how compose files and charts say "not set".
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(given);
  const problems = [
    ...findPrivateKeyText(environment),
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

/** Hosts that only this machine reaches. */
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

type Environment = z.infer<typeof environmentSchema>;

function shape(env: Environment, keycloakClientSecret: string) {
  return {
    environment: env.NODE_ENV,
    runMode: env.RUN_MODE,
    logLevel: env.LOG_LEVEL,
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
      keysDir: env.IDENTITY_KEYS_DIR,
    },
    sessions: {
      absoluteTtlS: env.IDENTITY_SESSION_ABSOLUTE_TTL_S,
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
      exchangeClients: env.IDENTITY_EXCHANGE_CLIENTS,
    },
    messages: { retentionDays: env.IDENTITY_MESSAGE_RETENTION_DAYS },
    otp: { countries: env.IDENTITY_OTP_COUNTRIES },
    people: { phoneDormantDays: env.IDENTITY_PHONE_DORMANT_DAYS },
    limits: limits(env),
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
    servicePerName: env.IDENTITY_LIMIT_SERVICE_PER_NAME,
    servicePerAddress: env.IDENTITY_LIMIT_SERVICE_PER_ADDRESS * addressFactor,
  };
}

function contradictions(env: Environment): string[] {
  const problems = inboxContradictions(env);
  if (env.REDIS_URL.length > 1 && !env.REDIS_CLUSTER)
    problems.push('REDIS_URL names several nodes, which needs REDIS_CLUSTER=1');
  if (!env.IDENTITY_DEV_TOOLS) return problems;
  if (env.NODE_ENV === 'production') {
    problems.push('IDENTITY_DEV_TOOLS=1 is refused when NODE_ENV is production (or not set)');
  }
  if (env.IDENTITY_JWT_ISSUER.startsWith('https:')) {
    problems.push('IDENTITY_DEV_TOOLS=1 is refused when IDENTITY_JWT_ISSUER, the public URL, is https');
  }
  for (const name of ['IDENTITY_HOST', 'IDENTITY_INTERNAL_HOST'] as const) {
    if (LOOPBACK.includes(env[name])) continue;
    problems.push(`IDENTITY_DEV_TOOLS=1 needs a loopback ${name}, such as 127.0.0.1`);
  }
  return problems;
}

/** Real people's codes and links must not end in an inbox that shows them. */
function inboxContradictions(env: Environment): string[] {
  const names = ['IDENTITY_DEV_INBOX_URL', 'IDENTITY_DEV_INBOX_SMTP_URL'] as const;
  const set = names.filter((name) => env[name] !== undefined);
  return [
    ...(set.length === 1 ? [`${names.join(' and ')} belong together: only ${set[0]} is set`] : []),
    ...set
      .filter(() => !env.IDENTITY_DEV_TOOLS)
      .map((name) => `${name} is refused without IDENTITY_DEV_TOOLS=1`),
    ...set
      .filter((name) => !LOOPBACK.includes(new URL(env[name] ?? '').hostname.replace(/^\[|\]$/g, '')))
      .map((name) => `${name} must be on loopback, such as 127.0.0.1`),
  ];
}

/** Settings that a later version will honour: ignoring them silently would be worse than refusing. */
function unsupported(given: Record<string, unknown>): string[] {
  return ['IDENTITY_KMS_KEY_ARN', 'IDENTITY_DEVICE_CERT_KEY_ARN', 'DATABASE_REPLICA_URL', 'NATS_URL']
    .filter((name) => given[name] !== undefined)
    .map((name) => `${name} is set, but this version does not support it`);
}

/** The realm's own credential may change everybody's password: it belongs to the migration job alone. */
function notForServing(given: Record<string, unknown>): string[] {
  return Object.keys(given)
    .filter((name) => name.startsWith('IDENTITY_REALM_ADMIN_'))
    .map((name) => `${name} is for RUN_MODE=migrate only: the server and the worker must not have it`);
}

function readSecretFile(name: string, path: string): { value?: string; problem?: string } {
  try {
    const value = readFileSync(path, 'utf8').trim();
    return value.length >= 16 ? { value } : { problem: `${name}: ${path} must hold at least 16 characters` };
  } catch (error) {
    return { problem: `${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}

function describe(issue: z.core.$ZodIssue): string {
  const name = issue.path.join('.');
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  return missing ? `${name} is missing` : `${name}: ${issue.message}`;
}
