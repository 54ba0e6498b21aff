import type { Sql } from '../database/database.js';
import { LOOK } from './news.js';

/**
 * Has somebody looked up who is here for the first time, in the transaction that makes their row: what was said of them
 * in Keycloak before that, such as a role, was about nobody here.
 */
export async function lookAtNewcomer(sql: Sql, userId: string): Promise<void> {
  await sql.query(
    `INSERT INTO identity."KeycloakEvent" (id, type, keycloak_user_id, occurred_at)
     SELECT 'newcomer/' || id, $2, keycloak_id, now() FROM identity."User" WHERE id = $1
     ON CONFLICT (id) DO NOTHING`,
    [userId, LOOK],
  );
}
