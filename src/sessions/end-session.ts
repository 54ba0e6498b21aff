import type { Database, Sql } from '../database/database.js';
import type { KeycloakAdmin } from '../keycloak-gateway/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { EndReason } from './auth-session.js';

const BATCH = 50;

export interface EndSessions {
  /** Ends one session here at once; its Keycloak session follows, now or when Keycloak is back. */
  end(sessionId: string, reason: EndReason): Promise<void>;
  /** Ends every session of a person, those that only Keycloak knows included. */
  endAll(userId: string, reason: EndReason): Promise<void>;
  /** Ends what Keycloak says it has ended: the sessions on one `sid`, or all of a person. Returns how many were open. */
  endedByKeycloak(ended: KeycloakEnd, sql: Sql): Promise<number>;
  /** Ends in Keycloak what was ended here and not there yet. Returns how many were done. */
  relayToKeycloak(): Promise<number>;
}

/** At least one of the two; both narrow it down. */
export interface KeycloakEnd {
  sid?: string | undefined;
  keycloakId?: string | undefined;
}

interface EndedSession {
  id: string;
  keycloak_sid: string;
}

/** The row is written before the answer, so an end that was promised survives a crash and an outage of Keycloak. */
export function createEndSessions(options: {
  database: Database;
  keycloak: Pick<KeycloakAdmin, 'endSession' | 'endSessionsOf'>;
  logger: Logger;
}): EndSessions {
  const { database, keycloak, logger } = options;

  /** Ending a session twice is harmless, so no replica waits for another. */
  async function settle(sessions: EndedSession[]): Promise<void> {
    for (const session of sessions) {
      await keycloak.endSession(session.keycloak_sid);
      await database.query('UPDATE identity."AuthSession" SET keycloak_ended_at = now() WHERE id = $1', [
        session.id,
      ]);
    }
  }

  async function relaySessions(): Promise<number> {
    const due = await database.query<EndedSession>(
      `SELECT id, keycloak_sid FROM identity."AuthSession"
       WHERE ended_at IS NOT NULL AND keycloak_ended_at IS NULL ORDER BY ended_at LIMIT ${BATCH}`,
    );
    await settle(due);
    return due.length;
  }

  async function relayPeople(): Promise<number> {
    const due = await database.query<{ id: string; keycloak_id: string; logout_due_at: string }>(
      `SELECT id, keycloak_id, logout_due_at::text FROM identity."User" WHERE logout_due_at IS NOT NULL LIMIT ${BATCH}`,
    );
    for (const person of due) {
      await keycloak.endSessionsOf(person.keycloak_id);
      await database.query(
        'UPDATE identity."User" SET logout_due_at = NULL WHERE id = $1 AND logout_due_at = $2',
        [person.id, person.logout_due_at],
      );
    }
    return due.length;
  }

  const orLeaveIt = (work: Promise<unknown>) =>
    work.catch((error: unknown) => logger.warn({ err: error }, 'what was ended here waits for Keycloak'));

  return {
    relayToKeycloak: async () => (await relaySessions()) + (await relayPeople()),
    async endedByKeycloak({ sid, keycloakId }, sql) {
      if (sid === undefined && keycloakId === undefined) return 0;
      const ended = await sql.query(
        `UPDATE identity."AuthSession" AS session
         SET ended_at = now(), end_reason = 'keycloak_ended', keycloak_ended_at = now()
         WHERE session.ended_at IS NULL AND ($1::text IS NULL OR session.keycloak_sid = $1)
           AND ($2::text IS NULL OR session.user_id = (SELECT id FROM identity."User" WHERE keycloak_id = $2))
         RETURNING session.id`,
        [sid ?? null, keycloakId ?? null],
      );
      return ended.length;
    },
    async end(sessionId, reason) {
      const ended = await database.query<EndedSession>(
        `UPDATE identity."AuthSession" SET ended_at = now(), end_reason = $2
         WHERE id = $1 AND ended_at IS NULL RETURNING id, keycloak_sid`,
        [sessionId, reason],
      );
      await orLeaveIt(settle(ended));
    },
    async endAll(userId, reason) {
      await database.transaction(async (sql) => {
        await sql.query('UPDATE identity."User" SET logout_due_at = now() WHERE id = $1', [userId]);
        await sql.query(
          'UPDATE identity."AuthSession" SET ended_at = now(), end_reason = $2 WHERE user_id = $1 AND ended_at IS NULL',
          [userId, reason],
        );
      });
      await orLeaveIt(relayPeople());
    },
  };
}
