import type { Configuration } from 'openid-client';
import type { PartName, Probe } from './administration/readiness.js';
import type { Config } from './config/config.js';
import { type Bell, createBell } from './database/bell.js';
import { createDatabase, type Database } from './database/database.js';
import { migrations } from './database/migrations/index.js';
import { traceDatabase } from './database/trace-database.js';
import { type CreateLimit, createLimits } from './http/limits.js';
import {
  createAdminClient,
  createImportedAccounts,
  createKeycloakAccounts,
  createKeycloakAdmin,
  createKeycloakSessions,
  createKeycloakStandings,
  createOidcClient,
  createStoredEvents,
  type ImportedAccounts,
  type KeycloakAccounts,
  type KeycloakAdmin,
  type KeycloakSessions,
  type KeycloakStandings,
  keycloakAddresses,
  type StoredEvents,
  traceKeycloak,
} from './keycloak-gateway/index.js';
import { createRedis, type RedisConnection } from './redis/redis.js';
import { traceRedis } from './redis/trace-redis.js';
import type { Logger } from './telemetry/logger.js';
import { createMetrics, type Metrics } from './telemetry/metrics.js';
import { createOtlpTraces } from './telemetry/otlp.js';
import type { Traces } from './telemetry/traces.js';

/** What server and worker stand on; in one process they share it. Nothing here waits for a part to be there. */
export interface Infrastructure {
  config: Config;
  logger: Logger;
  metrics: Metrics;
  /** Undefined where nobody collects them. */
  traces: Traces | undefined;
  database: Database;
  redis: RedisConnection;
  /** Rings when a message was promised in this process: a worker in it looks at once. */
  messageBell: Bell;
  limit: CreateLimit;
  oidc: Configuration;
  admin: KeycloakAdmin;
  accounts: KeycloakAccounts;
  importedAccounts: ImportedAccounts;
  standings: KeycloakStandings;
  storedEvents: StoredEvents;
  keycloakSessions: KeycloakSessions;
  /** Of everything that is not in this process. */
  probes: Record<Exclude<PartName, 'keys'>, Probe>;
  close(): Promise<void>;
}

export function createInfrastructure(config: Config, logger: Logger): Infrastructure {
  const metrics = createMetrics();
  const { endpoint, serviceName } = config.traces;
  const traces = endpoint === undefined ? undefined : createOtlpTraces({ endpoint, serviceName, logger });
  const pool = createDatabase({ ...config.database, logger });
  const database = traces ? traceDatabase(pool, traces) : pool;
  metrics.observe({
    name: 'nx_database_pool_connections',
    help: 'Connections of this process, and requests that wait for one',
    label: 'state',
    read: database.poolUse,
  });
  const redis = createRedis({ ...config.redis, logger });
  if (traces) traceRedis(redis, traces);
  const oidc = createOidcClient(config.keycloak, metrics.keycloakCall, traces);
  const adminClient = createAdminClient(config.keycloak, oidc);
  return {
    config,
    logger,
    metrics,
    traces,
    database,
    redis,
    messageBell: createBell(),
    limit: createLimits(redis),
    oidc,
    admin: traceKeycloak(createKeycloakAdmin(adminClient, config.keycloak.realm), traces),
    accounts: traceKeycloak(createKeycloakAccounts(adminClient, config.keycloak.realm), traces),
    importedAccounts: traceKeycloak(createImportedAccounts(adminClient, config.keycloak.realm), traces),
    standings: traceKeycloak(createKeycloakStandings(adminClient, config.keycloak), traces),
    storedEvents: createStoredEvents(adminClient, config.keycloak.realm),
    keycloakSessions: createKeycloakSessions(oidc),
    probes: {
      postgres: () => isMigrated(database),
      redis: async () => (await redis.ping()) === 'PONG',
      keycloak: () => hasRealm(config),
    },
    async close() {
      redis.disconnect();
      await database.close();
      await traces?.stop();
    },
  };
}

async function isMigrated(database: Database): Promise<boolean> {
  const [ran] = await database.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM identity."Migration"',
  );
  return ran !== undefined && ran.count >= migrations.length;
}

async function hasRealm(config: Config): Promise<boolean> {
  const { jwksUri } = keycloakAddresses(config.keycloak);
  const response = await fetch(jwksUri, { signal: AbortSignal.timeout(config.keycloak.timeoutMs) });
  await response.body?.cancel();
  return response.ok;
}
