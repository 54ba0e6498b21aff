import type { Database } from './database.js';

/** What the tables' own comments promise as retention: a used code is recognised for an hour after its life. */
const EXPIRED = [
  `DELETE FROM identity."Spent" WHERE expires_at < now()`,
  `DELETE FROM identity."AuthorizationCode" WHERE expires_at < now() - interval '1 hour'`,
];

/** Deletes the rows that nothing will ask for again (D7); harmless when several workers do it at once. */
export async function purgeExpired(database: Database): Promise<void> {
  for (const statement of EXPIRED) await database.query(statement);
}
