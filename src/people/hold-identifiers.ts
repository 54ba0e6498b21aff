import type { Sql } from '../database/database.js';

/**
 * The person holds what they have proven, and nothing else any more. What another person holds stays theirs: Keycloak
 * does not keep phone numbers unique, this table does.
 */
export async function holdIdentifiers(sql: Sql, userId: string): Promise<void> {
  await sql.query(HOLD, [userId]);
}

const HOLD = `
  WITH proven AS (
    SELECT 'email' AS scheme, email AS value FROM identity."User"
    WHERE id = $1 AND email_verified AND email IS NOT NULL
    UNION ALL
    SELECT 'phone', phone FROM identity."User" WHERE id = $1 AND phone_verified AND phone IS NOT NULL
  ), released AS (
    DELETE FROM identity."Identifier" AS held WHERE held.user_id = $1
      AND NOT EXISTS (SELECT FROM proven WHERE proven.scheme = held.scheme AND proven.value = held.value)
  )
  INSERT INTO identity."Identifier" (scheme, value, user_id) SELECT scheme, value, $1 FROM proven
  ON CONFLICT DO NOTHING`;
