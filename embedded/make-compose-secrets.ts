import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createKeyFiles } from '../src/tokens/create-key-files.js';
import { OTP_TICKET_JWKS } from '../src/tokens/key-files.js';
import { writePrivately } from './secrets-file.js';

/** The images' own user, whom containers run as where root made the secrets. */
const IMAGES_USER = { uid: 1000, gid: 1000 };

const RANDOM = [
  'postgres_password',
  'owner_password',
  'server_password',
  'worker_password',
  'redis_password',
  'keycloak_database_password',
  'keycloak_admin_password',
  'keycloak_admin_client_secret',
  'keycloak_client_secret',
  'bridge_secret',
  'grafana_admin_password',
] as const;

/** As docker/postgres/10-databases.sql names them. */
const databaseUrl = (role: string, password: string) =>
  `postgresql://nx_identity_${role}:${password}@postgres:5432/nx_identity`;

/**
 * Makes the files that docker-compose.yml mounts. What is there stays: the databases know those passwords.
 * The directory is closed to others. The files in it are readable, as each container that one is mounted into has a user
 * of its own; the keys are their owner's alone.
 * @param owner of the keys, and the user whom the service's containers have to run as
 */
export async function makeComposeSecrets(dir: string, owner = containersUser()): Promise<void> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  for (const name of RANDOM) put(dir, name, () => randomBytes(24).toString('hex'));
  put(dir, 'keycloak_mail_key', () => randomBytes(32).toString('base64'));
  const secret = (name: (typeof RANDOM)[number]) => readFileSync(join(dir, name), 'utf8').trim();
  for (const role of ['owner', 'server', 'worker'] as const) {
    put(dir, `${role}_database_url`, () => databaseUrl(role, secret(`${role}_password`)));
  }
  put(dir, 'redis_config', () => `requirepass ${secret('redis_password')}`);
  put(dir, 'redis_url', () => `redis://:${secret('redis_password')}@redis:6379`);
  const keys = join(dir, 'keys');
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  // Root's keys would be closed to the containers; what is written there then gets the directory's owner.
  if (process.getuid?.() === 0) chownSync(keys, owner.uid, owner.gid);
  await createKeyFiles(keys);
  // Public, and for Keycloak, which runs as a user of its own.
  put(dir, OTP_TICKET_JWKS, () => readFileSync(join(keys, OTP_TICKET_JWKS), 'utf8'));
}

/** Whoever runs this; never root. */
export function containersUser(): { uid: number; gid: number } {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? IMAGES_USER : { uid, gid: process.getgid?.() ?? IMAGES_USER.gid };
}

/** Tells compose, in the file `.env` beside it, whom containers run as, where that isn't the images' own user. */
export function tellCompose(envFile: string, { uid, gid }: { uid: number; gid: number }): void {
  if (uid === IMAGES_USER.uid && gid === IMAGES_USER.gid) return;
  const lines = existsSync(envFile) ? readFileSync(envFile, 'utf8').split('\n') : [];
  const others = lines.filter((line) => line !== '' && !/^NX_[UG]ID=/.test(line));
  writePrivately(envFile, [...others, `NX_UID=${uid}`, `NX_GID=${gid}`, ''].join('\n'));
}

function put(dir: string, name: string, make: () => string): void {
  const path = join(dir, name);
  if (existsSync(path)) return;
  const partial = `${path}.partial`;
  writePrivately(partial, `${make()}\n`);
  chmodSync(partial, 0o444);
  renameSync(partial, path);
}
