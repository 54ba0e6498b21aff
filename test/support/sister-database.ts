import { testParts } from '../parts.js';
import { sql } from './database.js';

const NAME = 'test_sister';
const SECRET = 'of-a-test-sister';

/** A login of a service that shares the database, made as an operator makes one. */
export async function sisterDatabaseUrl(): Promise<string> {
  await sql(`DO $$ BEGIN CREATE ROLE ${NAME} LOGIN PASSWORD '${SECRET}' IN ROLE nx_sister;
    EXCEPTION WHEN duplicate_object THEN NULL; END $$`);
  await sql(
    `DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO ${NAME}', current_database()); END $$`,
  );
  const url = new URL(testParts().postgres.superUrl);
  url.username = NAME;
  url.password = SECRET;
  return url.href;
}
