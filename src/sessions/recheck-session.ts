import { setTimeout as after } from 'node:timers/promises';
import { type Audit, KEYCLOAK } from '../audit/index.js';
import type { Database } from '../database/database.js';
import type { SealedText } from '../database/sealed-text.js';
import type { Visitor } from '../http/route.js';
import { type KeycloakSessions, keycloakUnavailable, type SessionCheck } from '../keycloak-gateway/index.js';
import { sealContext } from './open-session.js';
import { sessionEnded } from './session-ended.js';

const LOOK_AGAIN_MS = 100;
/** Milliseconds beyond Keycloak's own time-out, for writing down what it said. */
const MARGIN_MS = 2000;

export type RecheckSession = (sessionId: string, visitor: Visitor) => Promise<void>;

interface Turn {
  keycloak_sid: string;
  keycloak_refresh_token: string;
}

/**
 * Asks Keycloak about a session when that is due, and notes that it was asked, or that the session has ended there.
 * One asks at a time, over all replicas; whoever comes meanwhile waits for what it brings. A turn whose holder died
 * runs out, and the next one asks with the same token of Keycloak's, which is good for more than once.
 * @throws Problem `keycloak.unavailable` (503)
 */
export function createRecheckSession(options: {
  database: Database;
  audit: Pick<Audit, 'record'>;
  sealed: SealedText;
  keycloak: Pick<KeycloakSessions, 'recheck'>;
  recheckS: number;
  /** Milliseconds that a call of Keycloak takes at most. */
  timeoutMs: number;
}): RecheckSession {
  const { database, audit, sealed, keycloak, recheckS, timeoutMs } = options;
  const turnMs = timeoutMs + MARGIN_MS;

  const takeTurn = (sessionId: string): Promise<Turn[]> =>
    database.query<Turn>(
      `UPDATE identity."AuthSession" SET keycloak_asked_until = now() + make_interval(secs => $3::float8 / 1000)
       WHERE id = $1 AND ${DUE} AND (keycloak_asked_until IS NULL OR keycloak_asked_until < now())
       RETURNING keycloak_sid, keycloak_refresh_token`,
      [sessionId, recheckS, turnMs],
    );

  /** How the turn of somebody else goes; undefined when nothing is due any more. */
  async function lookAtTurn(sessionId: string): Promise<{ given_back: boolean } | undefined> {
    const [state] = await database.query<{ given_back: boolean }>(
      `SELECT keycloak_asked_until IS NULL AS given_back FROM identity."AuthSession" WHERE id = $1 AND ${DUE}`,
      [sessionId, recheckS],
    );
    return state;
  }

  const giveTurnBack = (sessionId: string): Promise<unknown> =>
    database.query('UPDATE identity."AuthSession" SET keycloak_asked_until = NULL WHERE id = $1', [
      sessionId,
    ]);

  async function note(sessionId: string, turn: Turn, answer: SessionCheck, visitor: Visitor): Promise<void> {
    if (answer.alive) {
      await database.query(
        `UPDATE identity."AuthSession" SET keycloak_checked_at = now(), keycloak_refresh_token = $2,
           keycloak_asked_until = NULL WHERE id = $1`,
        [sessionId, sealed.seal(answer.refreshToken, sealContext(turn.keycloak_sid))],
      );
      return;
    }
    await database.transaction(async (sql) => {
      const ended = await sql.query<{ id: string; user_id: string }>(
        `UPDATE identity."AuthSession" SET ended_at = now(), end_reason = 'keycloak_ended', keycloak_ended_at = now()
         WHERE id = $1 AND ended_at IS NULL RETURNING id, user_id`,
        [sessionId],
      );
      const by = { actor: KEYCLOAK, visitor };
      await audit.record(sql, ...ended.map((session) => sessionEnded(session, 'keycloak_ended', by)));
    });
  }

  async function ask(sessionId: string, turn: Turn, visitor: Visitor): Promise<void> {
    const token = sealed.open(turn.keycloak_refresh_token, sealContext(turn.keycloak_sid));
    const answer = await keycloak.recheck(token).catch(async (error: unknown) => {
      await giveTurnBack(sessionId).catch(() => undefined); // else it runs out
      throw error;
    });
    await note(sessionId, turn, answer, visitor);
  }

  return async (sessionId, visitor) => {
    for (let waitedMs = 0; waitedMs <= 2 * turnMs; waitedMs += LOOK_AGAIN_MS) {
      const [turn] = await takeTurn(sessionId);
      if (turn) return ask(sessionId, turn, visitor);
      const others = await lookAtTurn(sessionId);
      if (!others) return;
      // Whoever asked got no answer: asking again at once would only make the next one wait as long.
      if (others.given_back) break;
      await after(LOOK_AGAIN_MS);
    }
    throw keycloakUnavailable(new Error('somebody else asked Keycloak about this session and got no answer'));
  };
}

/** Of a live session that Keycloak has not been asked about for `$2` seconds. */
const DUE = `ended_at IS NULL AND expires_at > now() AND keycloak_refresh_token IS NOT NULL
  AND keycloak_checked_at <= now() - make_interval(secs => $2)`;
