import type { Sql } from '../database/database.js';
import { tellEnded } from './session-ended.js';

/** Few enough for one statement to end in time. */
const BATCH = 2000;

/**
 * Ends every session that was opened before a key was revoked (T12), each with its line in the audit trail; once more, it
 * goes on where it was cut off. Keycloak hears of it from the worker, as of every end.
 * @returns how many were open
 */
export async function endEverySession(sql: Sql, openedBefore: Date): Promise<number> {
  for (let ended = 0; ; ) {
    const [batch] = await sql.query<{ ended: number }>(END_BATCH, [openedBefore]);
    ended += batch?.ended ?? 0;
    if ((batch?.ended ?? 0) < BATCH) return ended;
  }
}

const END_BATCH = `
  WITH ended AS (
    UPDATE identity."AuthSession" SET ended_at = now(), end_reason = 'key_retired'
    WHERE ended_at IS NULL AND id IN (
      SELECT id FROM identity."AuthSession" WHERE ended_at IS NULL AND expires_at > now() AND created_at < $1
      ORDER BY id LIMIT ${BATCH} FOR UPDATE)
    RETURNING id, user_id),
  told AS (
    ${tellEnded('keys', 'key_retired')})
  SELECT count(*)::integer AS ended FROM ended`;
