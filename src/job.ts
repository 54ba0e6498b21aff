import { keepRealm } from './administration/realm/keep-realm.js';
import { createRecordRepair } from './administration/realm/record-repair.js';
import { InvalidConfig } from './config/config.js';
import { loadMigrationConfig } from './config/migration-config.js';
import { loadRealmConfig } from './config/realm-config.js';
import { createDatabase } from './database/database.js';
import { withLeaderLock } from './database/leader-lock.js';
import { migrate } from './database/migrate.js';
import { createLogger } from './telemetry/logger.js';

/** Any number that nothing else in this database locks: one job at a time keeps the realm. */
const REALM_LOCK = 7_261_002;
const DIFFERS = 2;

/** `RUN_MODE=migrate`: the database, then, with a credential for it, the realm. */
export async function runMigration(): Promise<void> {
  const { databaseUrl: url, logLevel } = loadMigrationConfig();
  const realm = loadRealmConfig();
  const logger = createLogger({ level: logLevel });
  await migrate({ url, logger });
  if (!realm) return logger.info('realm: left alone, as IDENTITY_REALM_ADMIN_CLIENT_ID is not set');
  const database = createDatabase({ url, poolSize: 1, logger });
  const record = createRecordRepair(database);
  await withLeaderLock(url, REALM_LOCK, () =>
    keepRealm({ config: realm, logger, dryRun: false, record }),
  ).finally(database.close);
}

/** `RUN_MODE=realm-diff`: tells what `migrate` would change in the realm. @returns 0, or 2 when it would */
export async function runRealmDiff(logLevel = 'info'): Promise<number> {
  const config = loadRealmConfig();
  if (!config) throw new InvalidConfig(['IDENTITY_REALM_ADMIN_CLIENT_ID is missing']);
  const found = await keepRealm({ config, logger: createLogger({ level: logLevel }), dryRun: true });
  return found > 0 ? DIFFERS : 0;
}
