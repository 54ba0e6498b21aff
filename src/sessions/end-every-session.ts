import type { Sql } from '../database/database.js';
import type { EndReason } from './auth-session.js';
import { tellEnded } from './session-ended.js';

/** Few enough for one statement to end in time. */
const BATCH = 2000;

/**
 * Ends every session that was opened before a moment, such as that of a key's revocation (T12), each with its line in the audit trail; once more, it
 * goes on where it was cut off. Keycloak hears of it from the worker, as of every end.
 * @returns how many were open
 */
export async function endEverySession(
  sql: Sql,
  openedBefore: Date,
  why: { by: 'keys' | 'operations'; reason: EndReason },
): Promise<number> {
  for (let ended = 0; ; ) {
    const [batch] = await sql.query<{ ended: number }>(endBatch(why), [openedBefore]);
    ended += batch?.ended ?? 0;
    if ((batch?.ended ?? 0) < BATCH) return ended;
  }
}

const endBatch = ({ by, reason }: { by: 'keys' | 'operations'; reason: EndReason }) => `
  WITH ended AS (
    UPDATE identity."AuthSession" SET ended_at = now(), end_reason = '${reason}'
    WHERE ended_at IS NULL AND id IN (
      SELECT id FROM identity."AuthSession" WHERE ended_at IS NULL AND expires_at > now() AND created_at < $1
      ORDER BY id LIMIT ${BATCH} FOR UPDATE)
    RETURNING id, user_id),
  told AS (
    ${tellEnded(by, reason)})
  SELECT count(*)::integer AS ended FROM ended`;
