import type { Sql } from '../database/database.js';
import { endDevices } from './devices.js';

/** What Keycloak says of somebody's account. The platform's own `SUSPENDED` is no word of Keycloak's. */
export type KeycloakStatus = 'ACTIVE' | 'DISABLED' | 'DELETED';

/**
 * Brings a person's status in line with Keycloak, in the caller's transaction. Who was suspended here stays so, unless
 * the account is gone: then nothing of theirs is held any more, and their devices are nobody's.
 * @returns the status before, when it changed
 */
export async function followStanding(
  sql: Sql,
  userId: string,
  status: KeycloakStatus,
): Promise<string | undefined> {
  const [changed] = await sql.query<{ before: string }>(FOLLOW, [userId, status]);
  if (status === 'DELETED') {
    await sql.query('DELETE FROM identity."Identifier" WHERE user_id = $1', [userId]);
    await endDevices(sql, userId);
  }
  return changed?.before;
}

const FOLLOW = `
  UPDATE identity."User" AS person SET status = $2, modified_at = now()
  FROM (SELECT id, status FROM identity."User" WHERE id = $1 FOR NO KEY UPDATE) AS known
  WHERE person.id = known.id AND known.status <> $2 AND (known.status <> 'SUSPENDED' OR $2 = 'DELETED')
  RETURNING known.status AS before`;
