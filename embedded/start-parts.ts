import { join } from 'node:path';
import { bootKeycloak } from './boot-keycloak.js';
import { checkoutRoot } from './checkout.js';
import { ensureDatabases } from './databases.js';
import { databaseUrl, describeParts, type External } from './describe-parts.js';
import { startInbox } from './inbox.js';
import { createJdk } from './jdk.js';
import { buildKeycloak, type KeycloakSources } from './keycloak-build.js';
import type { Parts, PartsDescription, RealmUrls } from './parts.js';
import { endEarlierRun } from './pid-file.js';
import { assertPortsFree, type Ports } from './ports.js';
import { startPostgres } from './postgres.js';
import { preparePostgresHome } from './postgres-home.js';
import type { Progress } from './progress.js';
import { startRedis } from './redis.js';
import { removeLeftovers } from './remove-leftovers.js';
import { loadSecrets, type Secrets } from './secrets-file.js';
import type { Supervisor } from './supervisor.js';

/** Children's names in the order in which they are stopped: who uses others goes first. */
export const STOP_ORDER = ['the service', 'Keycloak', 'the inbox', 'Redis', 'PostgreSQL'];

export interface StartOptions {
  supervisor: Supervisor;
  progress: Progress;
  dataDir: string;
  cacheDir: string;
  ports: Ports;
  /** Parts that run already and are not started. */
  external?: External;
  /** False for tests: the data need not survive a power cut. */
  durable?: boolean;
  realmUrls?: RealmUrls;
  sources?: KeycloakSources;
  /** What can be done beside Keycloak's boot, as it needs PostgreSQL only. */
  onPostgres?: (parts: PartsDescription) => Promise<void>;
}

export function keycloakSources(): KeycloakSources {
  return { keycloakDir: join(checkoutRoot(), 'keycloak'), themesDir: join(checkoutRoot(), 'themes') };
}

/** Starts the inbox, and PostgreSQL, Redis and Keycloak as far as they aren't given; on failure nothing is left running. */
export async function startParts(options: StartOptions): Promise<Parts> {
  const { supervisor } = options;
  try {
    const parts = await Promise.race([startAll(options), supervisor.crashed]);
    return { ...parts, crashed: supervisor.crashed, stop: () => supervisor.stop() };
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
}

async function startAll(options: StartOptions): Promise<PartsDescription> {
  const { dataDir, ports, progress, external = {} } = options;
  const secrets = loadSecrets(dataDir);
  removeLeftovers(options.cacheDir);
  await endEarlierRun(join(dataDir, 'pids'), STOP_ORDER, progress);
  const needsPostgres = !external.postgres || !external.keycloak;
  await assertPortsFree(ports, [
    'service',
    'inbox',
    'inboxSmtp',
    ...(external.keycloak ? [] : (['keycloak', 'keycloakManagement'] as const)),
    ...(needsPostgres ? (['postgres'] as const) : []),
    ...(external.redis ? [] : (['redis'] as const)),
  ]);
  const own = `http://127.0.0.1:${ports.service}`;
  const urls = options.realmUrls ?? {
    identityPublicUrl: own,
    spaOrigin: process.env.NX_SPA_ORIGIN ?? own,
  };
  const parts = describeParts(dataDir, ports, secrets, external, urls);
  // Keycloak's one-time build needs no database, so it runs beside PostgreSQL's start.
  const postgres = needsPostgres ? postgresStep(options, secrets) : Promise.resolve();
  await Promise.all([
    startInbox({ supervisor: options.supervisor, dataDir, ports }),
    postgres.then(() => options.onPostgres?.(parts)),
    external.redis ? undefined : redisStep(options, secrets),
    external.keycloak ? undefined : keycloakStep(options, parts, secrets, postgres),
  ]);
  return parts;
}

async function postgresStep(options: StartOptions, secrets: Secrets): Promise<void> {
  const { supervisor, progress, dataDir, cacheDir, ports, external, durable = true } = options;
  progress(external?.postgres ? 'PostgreSQL: starting, for Keycloak only' : 'PostgreSQL: starting');
  const home = preparePostgresHome(dataDir, cacheDir, secrets.cluster);
  const password = secrets.postgresPassword;
  await startPostgres({ supervisor, progress, home, dataDir, port: ports.postgres, password, durable });
  await ensureDatabases(databaseUrl(ports.postgres, 'postgres', 'postgres', password), secrets);
  progress(`PostgreSQL: ready on port ${ports.postgres}`);
}

async function redisStep(options: StartOptions, secrets: Secrets): Promise<void> {
  const { supervisor, progress, dataDir, cacheDir, ports, durable = true } = options;
  const jdk = createJdk(supervisor, cacheDir, join(dataDir, 'logs'));
  const password = secrets.redisPassword;
  await startRedis({ supervisor, jdk, progress, dataDir, cacheDir, port: ports.redis, password, durable });
  progress(`Redis: ready on port ${ports.redis}`);
}

async function keycloakStep(
  options: StartOptions,
  parts: PartsDescription,
  secrets: Secrets,
  postgres: Promise<void>,
): Promise<void> {
  const { supervisor, progress, dataDir, cacheDir, ports, sources = keycloakSources() } = options;
  const logDir = join(dataDir, 'logs');
  const jdk = createJdk(supervisor, cacheDir, logDir);
  const build = await buildKeycloak({ supervisor, jdk, progress, cacheDir, logDir, ...sources });
  await postgres;
  progress('Keycloak: starting (longest the first time, on an empty database)');
  await bootKeycloak({ supervisor, build, sources, parts, ports, secrets });
  progress(`Keycloak: ready on ${parts.keycloak.url}`);
}
