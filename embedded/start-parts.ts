import { join } from 'node:path';
import { checkoutRoot } from './checkout.js';
import { ensureDatabases } from './databases.js';
import { databaseUrl, describeParts, type External } from './describe-parts.js';
import { startInbox } from './inbox.js';
import type { KeycloakSources } from './keycloak-build.js';
import type { PartRunner, PartStart } from './part-runner.js';
import type { Parts, PartsDescription, RealmUrls } from './parts.js';
import { endEarlierRun } from './pid-file.js';
import { assertPortsFree } from './ports.js';
import { processes } from './processes.js';
import { removeLeftovers } from './remove-leftovers.js';
import { loadSecrets } from './secrets-file.js';

/** Children's names in the order in which they are stopped: who uses others goes first. */
export const STOP_ORDER = ['the service', 'Keycloak', 'the inbox', 'Redis', 'PostgreSQL'];

export interface StartOptions
  extends Omit<PartStart, 'secrets' | 'durable' | 'sources'>,
    Partial<Pick<PartStart, 'durable' | 'sources'>> {
  /** Processes of this machine, unless it says otherwise. */
  runner?: PartRunner;
  /** Parts that run already and are not started. */
  external?: External;
  realmUrls?: RealmUrls;
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
  const { dataDir, ports, progress, external = {}, runner = processes } = options;
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
  const start = {
    ...options,
    secrets,
    sources: options.sources ?? keycloakSources(),
    durable: options.durable ?? true,
  };
  // Keycloak's one-time build needs no database, so it runs beside PostgreSQL's start.
  const postgres = needsPostgres ? postgresStep(runner, start, !external.postgres) : Promise.resolve();
  await Promise.all([
    startInbox({ supervisor: options.supervisor, dataDir, ports }),
    postgres.then(() => options.onPostgres?.(parts)),
    external.redis ? undefined : redisStep(runner, start),
    external.keycloak ? undefined : keycloakStep(runner, start, parts, postgres),
  ]);
  return parts;
}

async function postgresStep(runner: PartRunner, start: PartStart, ours: boolean): Promise<void> {
  const { progress, ports, secrets } = start;
  progress(ours ? 'PostgreSQL: starting' : 'PostgreSQL: starting, for Keycloak only');
  await runner.postgres(start);
  await ensureDatabases(
    databaseUrl(ports.postgres, 'postgres', 'postgres', secrets.postgresPassword),
    secrets,
  );
  progress(`PostgreSQL: ready on port ${ports.postgres}`);
}

async function redisStep(runner: PartRunner, start: PartStart): Promise<void> {
  await runner.redis(start);
  start.progress(`Redis: ready on port ${start.ports.redis}`);
}

async function keycloakStep(
  runner: PartRunner,
  start: PartStart,
  parts: PartsDescription,
  postgres: Promise<void>,
): Promise<void> {
  const boot = await runner.keycloak(start, parts);
  await postgres;
  start.progress('Keycloak: starting (longest the first time, on an empty database)');
  await boot();
  start.progress(`Keycloak: ready on ${parts.keycloak.url}`);
}
