import { z } from 'zod';
import { InvalidConfig, keyTimes } from './config.js';
import { keySettings } from './environment-schema.js';
import { readEnvironment, readSecretFile } from './secret-files.js';

const schema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  DATABASE_DIRECT_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  LOG_LEVEL: z.string().default('info'),
});

export interface MigrationConfig {
  /** As the schema's owner, and straight to PostgreSQL where a transaction-mode pooler stands before it (D9). */
  databaseUrl: string;
  logLevel: string;
  /** What the bridge in Keycloak calls by; undefined: the bridge is left as it is. */
  bridgeSecret: string | undefined;
}

/** What ends by itself (R1). */
const JOBS = ['migrate', 'realm-diff', 'reseal', 'keys', 'ops'] as const;

/** Which job this process is; null for one that stays. */
export function jobOfThisRun(): (typeof JOBS)[number] | null {
  return JOBS.find((job) => job === process.env.RUN_MODE) ?? null;
}

/** @throws InvalidConfig naming every problem at once */
function parse<Schema extends z.ZodType>(of: Schema, environment: NodeJS.ProcessEnv): z.output<Schema> {
  const { given, problems } = readEnvironment(environment);
  const parsed = of.safeParse(given);
  const wrong = parsed.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];
  if (!parsed.success || problems.length > 0) throw new InvalidConfig([...problems, ...wrong]);
  return parsed.data;
}

const migrationSchema = schema.extend({ IDENTITY_BRIDGE_SECRET_FILE: z.string().optional() });

/** The migration job needs the database and nothing else. @throws InvalidConfig */
export function loadMigrationConfig(environment: NodeJS.ProcessEnv = process.env): MigrationConfig {
  const { IDENTITY_BRIDGE_SECRET_FILE: path, ...env } = parse(migrationSchema, environment);
  const secret = path === undefined ? {} : readSecretFile('IDENTITY_BRIDGE_SECRET_FILE', path);
  if (secret.problem) throw new InvalidConfig([secret.problem]);
  return {
    databaseUrl: env.DATABASE_DIRECT_URL ?? env.DATABASE_URL,
    logLevel: env.LOG_LEVEL,
    bridgeSecret: secret.value,
  };
}

const resealSchema = schema.extend({ IDENTITY_KEYS_DIR: z.string().min(1) });

/** The job that seals credentials anew needs the database, as `nx_app`, and the keys. @throws InvalidConfig */
export function loadResealConfig(environment: NodeJS.ProcessEnv = process.env) {
  const { DATABASE_URL, IDENTITY_KEYS_DIR, LOG_LEVEL } = parse(resealSchema, environment);
  return { databaseUrl: DATABASE_URL, keysDir: IDENTITY_KEYS_DIR, logLevel: LOG_LEVEL };
}

const keysSchema = resealSchema.extend(keySettings);

/** The operator's command for keys needs the database, as `nx_app`, and the keys. @throws InvalidConfig */
export function loadKeysConfig(environment: NodeJS.ProcessEnv = process.env) {
  const env = parse(keysSchema, environment);
  return { databaseUrl: env.DATABASE_URL, keysDir: env.IDENTITY_KEYS_DIR, keys: keyTimes(env) };
}
