import type { Sql } from '../database/database.js';
import { tellEnded } from './session-ended.js';

/**
 * Ends what was not refreshed for `idleTtlS` seconds (S8): a refresh refuses it already, and now Keycloak and the status
 * lists hear of it. Where another session in use stands on the same Keycloak session, that one is not ended there.
 */
export async function endIdle(database: Sql, idleTtlS: number): Promise<void> {
  await database.query(END_IDLE, [idleTtlS]);
}

const END_IDLE = `
  WITH ended AS (
    UPDATE identity."AuthSession" AS session SET ended_at = now(), end_reason = 'idle',
      keycloak_ended_at = CASE WHEN EXISTS (
        SELECT FROM identity."AuthSession" AS other
        WHERE other.keycloak_sid = session.keycloak_sid AND other.ended_at IS NULL AND other.expires_at > now()
          AND (other.origin = 'exchange' OR other.refreshed_at > now() - make_interval(secs => $1)))
        THEN now() END
    WHERE session.ended_at IS NULL AND session.origin = 'sign_in' AND session.expires_at > now()
      AND session.refreshed_at <= now() - make_interval(secs => $1)
    RETURNING id, user_id)
  ${tellEnded('worker', 'idle')}`;
