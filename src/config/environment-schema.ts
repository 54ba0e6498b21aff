import { z } from 'zod';
import { type Network, parseNetwork } from './network.js';

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
/** Of the custom UI: short, as it stands in an SMS, and without what a token is added to. */
const page = z
  .url({ protocol: /^https?$/ })
  .max(64)
  .regex(/^[^?#]+$/, { error: 'must have no query and no fragment' });
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

/** `<realm role>=<platform role>`; who has the first in Keycloak has the second here. */
const roleMap = list.transform((items, context): ReadonlyMap<string, string> => {
  const pairs = items.map((item) => /^(.+)=(\d{3}_[a-z0-9-]+)$/.exec(item));
  items.forEach((item, index) => {
    if (!pairs[index])
      context.addIssue({ code: 'custom', message: `${item} is no pair such as a-role=900_admin` });
  });
  return new Map(pairs.flatMap((pair) => (pair?.[1] && pair[2] ? [[pair[1], pair[2]]] : [])));
});

export const realmName = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .default('nx');

/** Held against the realm's session times (D4), by the server and by the job that keeps the realm. */
export const sessionTimes = {
  IDENTITY_SESSION_ABSOLUTE_TTL_S: seconds.min(300).max(2_592_000).default(28_800),
  IDENTITY_SESSION_IDLE_TTL_S: seconds.min(300).max(2_592_000).default(5400),
  IDENTITY_KEYCLOAK_RECHECK_S: seconds.max(1800).default(300),
};

/** Seconds: whatever replicas are set to, no access token lives longer. */
export const LONGEST_ACCESS_TOKEN_S = 3600;

/** How keys that sign access tokens turn (T5, T6); read by the server and by the operator's command. */
export const keySettings = {
  IDENTITY_SIGNING_ALG: z.enum(['ES256', 'RS256']).default('ES256'),
  IDENTITY_KEY_LEAD_S: z.coerce.number().int().min(0).max(604_800).default(3600),
  IDENTITY_KEY_ROTATION_DAYS: z.coerce.number().int().min(0).max(3650).default(90),
  IDENTITY_KEY_OVERLAP_DAYS: z.coerce.number().int().min(0).max(365).default(7),
};

/** What the environment may say. Names: requirement R8; secrets come as files, never as text (T4). */
export const environmentSchema = z.object({
  NODE_ENV: z.string().default('production'),
  RUN_MODE: z
    .enum(['all', 'server', 'worker', 'migrate', 'realm-diff', 'reseal', 'keys', 'ops'])
    .default('all'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_SERVICE_NAME: z.string().min(1).max(128).default('nx-identity'),

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
  IDENTITY_ACCESS_TOKEN_TTL_S: seconds.max(LONGEST_ACCESS_TOKEN_S).default(900),
  ...sessionTimes,
  IDENTITY_STATUS_LIST_TTL_S: seconds.max(3600).default(30),
  IDENTITY_REFRESH_GRACE_S: seconds.min(10).max(30).default(20),
  IDENTITY_KEYS_DIR: z.string().min(1),
  IDENTITY_PUBLISH_ACCOUNT_KEY: flag.default(false),
  IDENTITY_REVOKE_ON_LOSS: flag.default(false),
  IDENTITY_INVITATION_URL: page.optional(),
  ...keySettings,
  IDENTITY_SNOWFLAKE_WORKER_IDS: workerIds.default({ first: 1, last: 31 }),
  IDENTITY_AUDIT_RETENTION_MONTHS: z.coerce.number().int().min(1).max(1200).default(24),

  IDENTITY_KEYCLOAK_URL: origin,
  IDENTITY_KEYCLOAK_PUBLIC_URL: origin.optional(),
  IDENTITY_KEYCLOAK_REALM: realmName,
  IDENTITY_KEYCLOAK_CLIENT_ID: z.string().min(1).default('nx-identity'),
  IDENTITY_KEYCLOAK_CLIENT_SECRET_FILE: z.string().min(1),
  IDENTITY_KEYCLOAK_TIMEOUT_MS: z.coerce.number().int().min(100).max(30_000).default(3000),
  IDENTITY_KEYCLOAK_ROLES: roleMap.prefault('platform-admin=900_admin'),
  IDENTITY_EXCHANGE_CLIENTS: list.default(['nx-spa']),
  IDENTITY_ARGON2_MEMORY_KIB: z.coerce.number().int().min(19_456).default(65_536),

  IDENTITY_MESSAGE_RETENTION_DAYS: z.coerce.number().int().min(1).max(400).default(30),
  IDENTITY_OTP_COUNTRIES: countries.default(['VN']),
  IDENTITY_PHONE_DORMANT_DAYS: z.coerce.number().int().min(0).max(3650).default(180),

  IDENTITY_ANSWER_BEAT_MS: z.coerce.number().int().min(0).max(5000).default(400),
  IDENTITY_LIMIT_SIGN_IN_PER_IDENTIFIER: perMinute.default(10),
  IDENTITY_LIMIT_SIGN_IN_PER_ADDRESS: perMinute.default(100),
  IDENTITY_LIMIT_REFRESH_PER_SESSION: perMinute.default(60),
  IDENTITY_LIMIT_REFRESH_PER_ADDRESS: perMinute.default(600),
  IDENTITY_LIMIT_OTP_PER_ADDRESS: z.coerce.number().int().positive().default(20),
  IDENTITY_LIMIT_OTP_PER_ADDRESS_BLOCK: z.coerce.number().int().positive().default(100),
  IDENTITY_LIMIT_INVITATIONS_PER_USER: z.coerce.number().int().positive().default(100),
  IDENTITY_LIMIT_SERVICE_PER_NAME: perMinute.default(120),
  IDENTITY_LIMIT_SERVICE_PER_ADDRESS: perMinute.default(300),
});

export type Environment = z.infer<typeof environmentSchema>;
