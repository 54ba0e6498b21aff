import { DataSource } from 'typeorm';
import type { Logger } from '../telemetry/logger.js';
import { migrations } from './migrations/index.js';

/** Any number that nothing else in this database locks: one migration at a time, however many jobs start. */
const MIGRATION_LOCK = 7_261_001;

/**
 * Brings the schema up to date, in one transaction per migration, and returns the names of what ran.
 * @param url of the schema's owner, straight to PostgreSQL (a transaction-mode pooler can't carry the lock)
 */
export async function migrate(options: { url: string; logger: Logger }): Promise<string[]> {
  const source = new DataSource({
    type: 'postgres',
    url: options.url,
    schema: 'identity',
    applicationName: 'nx-identity-migrate',
    poolSize: 2,
    connectTimeoutMS: 5000,
    migrations,
    migrationsTableName: 'Migration',
    migrationsTransactionMode: 'each',
  });
  await source.initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await lock.query('CREATE SCHEMA IF NOT EXISTS identity');
    const ran = (await source.runMigrations()).map((migration) => migration.name);
    options.logger.info({ ran }, ran.length > 0 ? 'migrated' : 'the schema is up to date');
    return ran;
  } finally {
    await lock.release();
    await source.destroy();
  }
}
