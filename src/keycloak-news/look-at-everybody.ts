import type { Sql } from '../database/database.js';
import { LOOK } from './news.js';

/** Few enough for one statement to end in time. */
const BATCH = 5000;

/**
 * Has everybody compared with Keycloak, as after a restore: what it told since the backup is lost here.
 * @param occasion tells this time from others
 * @returns how many people
 */
export async function lookAtEverybody(sql: Sql, occasion: string): Promise<number> {
  let after = '';
  for (let asked = 0; ; ) {
    const batch = await sql.query<{ id: string }>(LOOK_AT, [occasion, LOOK, after]);
    asked += batch.length;
    if (batch.length < BATCH) return asked;
    after = batch.reduce((last, { id }) => (id > last ? id : last), '');
  }
}

/** By bytes, as the caller compares. */
const LOOK_AT = `
  WITH person AS (
    SELECT id, keycloak_id FROM identity."User" WHERE id COLLATE "C" > $3 AND status <> 'DELETED'
    ORDER BY id COLLATE "C" LIMIT ${BATCH}),
  asked AS (
    INSERT INTO identity."KeycloakEvent" (id, type, keycloak_user_id, occurred_at)
    SELECT $1 || '/' || id, $2, keycloak_id, now() FROM person ON CONFLICT (id) DO NOTHING)
  SELECT id FROM person`;
