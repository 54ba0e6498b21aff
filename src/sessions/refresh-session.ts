import type { Database } from '../database/database.js';
import type { SealedText } from '../database/sealed-text.js';
import type { KeycloakSessions } from '../keycloak-gateway/index.js';
import type { LiveSession } from './auth-session.js';
import { sealContext } from './open-session.js';
import { LIVE_SESSION, type LiveSessionRow, toLiveSession } from './session-columns.js';

export type RefreshSession = (sessionId: string, generation: number) => Promise<LiveSession | undefined>;

/**
 * Rotates a session's refresh token in one conditional UPDATE (D4, S10), with a fresh snapshot:
 * - the newest generation moves on by one;
 * - the one before it, within the grace, finds its successor again (a client that lost the answer);
 * - anything older ends the whole session: two parties hold tokens of one family.
 * Keycloak is asked first when it was not asked for `recheckS`; nothing rotates before it has agreed, so an
 * outage of Keycloak costs no session. Undefined when the session has ended, by this call or before.
 * @throws Problem `keycloak.unavailable` (503)
 */
export function createRefreshSession(options: {
  database: Database;
  sealed: SealedText;
  keycloak: Pick<KeycloakSessions, 'recheck'>;
  graceS: number;
  recheckS: number;
}): RefreshSession {
  const { database, graceS, recheckS } = options;
  const recheck = singleFlight(createRecheck(options));

  async function rotate(sessionId: string, generation: number) {
    const [row] = await database.query<LiveSessionRow & { reused: boolean }>(ROTATE, [
      sessionId,
      generation,
      graceS,
      recheckS,
    ]);
    return row;
  }

  return async (sessionId, generation) => {
    let row = await rotate(sessionId, generation);
    if (!row && (await recheck(sessionId))) row = await rotate(sessionId, generation);
    return row && !row.reused ? toLiveSession(row) : undefined;
  };
}

/** Updates no row when the session is gone, or when Keycloak has to be asked first. */
const ROTATE = `
  UPDATE identity."AuthSession" AS session SET
    refresh_generation = CASE WHEN refresh_generation = $2 THEN $2 + 1 ELSE refresh_generation END,
    refreshed_at = CASE WHEN refresh_generation = $2 THEN now() ELSE refreshed_at END,
    ended_at = CASE WHEN refresh_generation = $2
      OR (refresh_generation = $2 + 1 AND refreshed_at > now() - make_interval(secs => $3)) THEN NULL ELSE now() END,
    end_reason = CASE WHEN refresh_generation = $2
      OR (refresh_generation = $2 + 1 AND refreshed_at > now() - make_interval(secs => $3)) THEN NULL
      ELSE 'refresh_token_reused' END
  WHERE session.id = $1 AND session.ended_at IS NULL AND session.expires_at > now()
    AND session.keycloak_checked_at > now() - make_interval(secs => $4)
    AND EXISTS (SELECT FROM identity."User" AS person WHERE person.id = session.user_id AND person.status = 'ACTIVE')
  RETURNING session.ended_at IS NOT NULL AS reused, ${LIVE_SESSION}`;

/** Asks Keycloak when that is due; true when the session may go on. */
function createRecheck(options: {
  database: Database;
  sealed: SealedText;
  keycloak: Pick<KeycloakSessions, 'recheck'>;
  recheckS: number;
}) {
  const { database, sealed, keycloak, recheckS } = options;
  return async (sessionId: string): Promise<boolean> => {
    const [due] = await database.query<{ keycloak_sid: string; keycloak_refresh_token: string }>(
      `SELECT keycloak_sid, keycloak_refresh_token FROM identity."AuthSession"
       WHERE id = $1 AND ended_at IS NULL AND expires_at > now() AND keycloak_refresh_token IS NOT NULL
         AND keycloak_checked_at <= now() - make_interval(secs => $2)`,
      [sessionId, recheckS],
    );
    if (!due) return false;
    const context = sealContext(due.keycloak_sid);
    const answer = await keycloak.recheck(sealed.open(due.keycloak_refresh_token, context));
    if (answer.alive) {
      await database.query(
        'UPDATE identity."AuthSession" SET keycloak_checked_at = now(), keycloak_refresh_token = $2 WHERE id = $1',
        [sessionId, sealed.seal(answer.refreshToken, context)],
      );
      return true;
    }
    await database.query(
      `UPDATE identity."AuthSession" SET ended_at = now(), end_reason = 'keycloak_ended', keycloak_ended_at = now()
       WHERE id = $1 AND ended_at IS NULL`,
      [sessionId],
    );
    return false;
  };
}

/** Calls that come while one for the same key is under way share its answer. */
function singleFlight<T>(call: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const flights = new Map<string, Promise<T>>();
  return (key) => {
    const flight = flights.get(key) ?? call(key).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };
}
