import type { Sql } from '../database/database.js';
import type { Identifier } from './identifier.js';

/** In the caller's transaction. True when the identifier is this person's, from now on or all along: one person holds it. */
export async function reserveIdentifier(
  sql: Sql,
  userId: string,
  { scheme, value }: Identifier,
): Promise<boolean> {
  await sql.query(
    'INSERT INTO identity."Identifier" (scheme, value, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [scheme, value, userId],
  );
  // A statement of its own: it sees what another claim, waited for above, has committed.
  const held = await sql.query(
    'SELECT FROM identity."Identifier" WHERE scheme = $1 AND value = $2 AND user_id = $3',
    [scheme, value, userId],
  );
  return held.length > 0;
}
