import { z } from 'zod';
import { InvalidConfig, keyTimes } from './config.js';
import { keySettings } from './environment-schema.js';

const schema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  DATABASE_DIRECT_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  LOG_LEVEL: z.string().default('info'),
});

export interface MigrationConfig {
  /** As the schema's owner, and straight to PostgreSQL where a transaction-mode pooler stands before it (D9). */
  databaseUrl: string;
  logLevel: string;
}

/** Which job this process is (R1); null for one that stays. */
export function jobOfThisRun(): 'migrate' | 'realm-diff' | 'reseal' | 'keys' | null {
  const mode = process.env.RUN_MODE;
  return mode === 'migrate' || mode === 'realm-diff' || mode === 'reseal' || mode === 'keys' ? mode : null;
}

/** The migration job needs the database and nothing else. @throws InvalidConfig */
export function loadMigrationConfig(environment: NodeJS.ProcessEnv = process.env): MigrationConfig {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) {
    throw new InvalidConfig(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const { DATABASE_URL, DATABASE_DIRECT_URL, LOG_LEVEL } = parsed.data;
  return { databaseUrl: DATABASE_DIRECT_URL ?? DATABASE_URL, logLevel: LOG_LEVEL };
}

const resealSchema = schema.extend({ IDENTITY_KEYS_DIR: z.string().min(1) });

/** The job that seals credentials anew needs the database, as `nx_app`, and the keys. @throws InvalidConfig */
export function loadResealConfig(environment: NodeJS.ProcessEnv = process.env) {
  const parsed = resealSchema.safeParse(environment);
  if (!parsed.success) {
    throw new InvalidConfig(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const { DATABASE_URL, IDENTITY_KEYS_DIR, LOG_LEVEL } = parsed.data;
  return { databaseUrl: DATABASE_URL, keysDir: IDENTITY_KEYS_DIR, logLevel: LOG_LEVEL };
}

const keysSchema = resealSchema.extend(keySettings);

/** The operator's command for keys needs the database, as `nx_app`, and the keys. @throws InvalidConfig */
export function loadKeysConfig(environment: NodeJS.ProcessEnv = process.env) {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = keysSchema.safeParse(given);
  if (!parsed.success) {
    throw new InvalidConfig(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const { DATABASE_URL: databaseUrl, IDENTITY_KEYS_DIR: keysDir } = parsed.data;
  return { databaseUrl, keysDir, keys: keyTimes(parsed.data) };
}
