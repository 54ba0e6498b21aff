import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAMES = [
  /** Not a secret: names this data directory's PostgreSQL cluster, so that a lost secrets file means a fresh one. */
  'cluster',
  'postgresPassword',
  'ownerPassword',
  'appPassword',
  'keycloakDatabasePassword',
  'redisPassword',
  'keycloakClientSecret',
  'keycloakBridgeSecret',
  'keycloakMailKey',
  'keycloakAdminClientSecret',
  'keycloakAdminPassword',
] as const;

/** What the parts know of each other; random, made once a data directory, kept over restarts. */
export type Secrets = Readonly<Record<(typeof NAMES)[number], string>>;

export const secretsPath = (dataDir: string) => join(dataDir, 'secrets.json');

/** Writes a file that only its owner can read, whole or not at all. */
export function writePrivately(path: string, text: string): void {
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, text, { mode: 0o600 });
  chmodSync(partial, 0o600); // the mode above counts for a new file only
  renameSync(partial, path);
}

/** Reads the secrets, making what isn't there yet. */
export function loadSecrets(dataDir: string): Secrets {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = secretsPath(dataDir);
  const known = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Partial<Secrets>) : {};
  const secrets = Object.fromEntries(
    NAMES.map((name) => [name, known[name] ?? randomBytes(24).toString('hex')]),
  ) as unknown as Secrets;
  if (NAMES.some((name) => known[name] === undefined)) {
    writePrivately(path, `${JSON.stringify(secrets, null, 2)}\n`);
  }
  return secrets;
}
