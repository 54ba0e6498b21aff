import { keepRealm } from './administration/realm/keep-realm.js';
import { createRecordRepair } from './administration/realm/record-repair.js';
import { recordImpersonal } from './audit/index.js';
import { InvalidConfig } from './config/config.js';
import { loadMigrationConfig, loadResealConfig } from './config/migration-config.js';
import { loadRealmConfig } from './config/realm-config.js';
import { resealCredentials } from './configurations/index.js';
import { createDatabase } from './database/database.js';
import { withLeaderLock } from './database/leader-lock.js';
import { migrate } from './database/migrate.js';
import { createSealedText } from './database/sealed-text.js';
import { createSecretHasher, registerBridge } from './services/index.js';
import { createLogger, type Logger } from './telemetry/logger.js';
import { readMessageKeys } from './tokens/index.js';

/** Any number that nothing else in this database locks: one job at a time keeps the realm. */
const REALM_LOCK = 7_261_002;
const DIFFERS = 2;

/** `RUN_MODE=migrate`: the database, then, where it is given what they need, the bridge's secret and the realm. */
export async function runMigration(): Promise<void> {
  const { databaseUrl: url, logLevel, bridgeSecret } = loadMigrationConfig();
  const realm = loadRealmConfig();
  const logger = createLogger({ level: logLevel });
  await migrate({ url, logger });
  if (bridgeSecret !== undefined) await letBridgeIn(url, bridgeSecret, logger);
  if (!realm) return logger.info('realm: left alone, as IDENTITY_REALM_ADMIN_CLIENT_ID is not set');
  const database = createDatabase({ url, poolSize: 1, logger });
  const record = createRecordRepair(database);
  await withLeaderLock(url, REALM_LOCK, () =>
    keepRealm({ config: realm, logger, dryRun: false, record }),
  ).finally(database.close);
}

async function letBridgeIn(url: string, secret: string, logger: Logger): Promise<void> {
  const database = createDatabase({ url, poolSize: 1, logger });
  const hasher = createSecretHasher({ parallel: 1, waiting: 1 });
  await registerBridge({ database, hasher, secret }).finally(database.close);
  logger.info('the bridge in Keycloak may make its calls');
}

/** `RUN_MODE=realm-diff`: tells what `migrate` would change in the realm. @returns 0, or 2 when it would */
export async function runRealmDiff(logLevel = 'info'): Promise<number> {
  const config = loadRealmConfig();
  if (!config) throw new InvalidConfig(['IDENTITY_REALM_ADMIN_CLIENT_ID is missing']);
  const found = await keepRealm({ config, logger: createLogger({ level: logLevel }), dryRun: true });
  return found > 0 ? DIFFERS : 0;
}

/**
 * `RUN_MODE=reseal`: seals the credentials in `Configuration` with `configuration.key`, opening them with
 * `configuration.previous.key` where that is needed. @returns 0, or 1 when one could not be opened
 */
export async function runReseal(): Promise<number> {
  const { databaseUrl, keysDir, logLevel } = loadResealConfig();
  const logger = createLogger({ level: logLevel });
  const { configuration, previousConfiguration } = readMessageKeys(keysDir);
  const previous = previousConfiguration ? [previousConfiguration] : [];
  const database = createDatabase({ url: databaseUrl, poolSize: 1, logger });
  try {
    const sealed = createSealedText(configuration, ...previous);
    const { resealed, unusable } = await resealCredentials({ sql: database, sealed, logger });
    await recordImpersonal(database, {
      actor: { type: 'system', id: 'reseal' },
      action: 'configuration.resealed',
      subject: { type: 'configuration', id: 'credentials' },
      after: { resealed, unusable },
    });
    logger.info({ resealed, unusable }, 'credentials are sealed with the current key');
    return unusable > 0 ? 1 : 0;
  } finally {
    await database.close();
  }
}
