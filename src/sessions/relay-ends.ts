import type { Database } from '../database/database.js';
import type { KeycloakAdmin } from '../keycloak-gateway/index.js';

const BATCH = 50;

export interface EndedSession {
  id: string;
  keycloak_sid: string;
}

export interface RelayEnds {
  /** Ends these in Keycloak and notes it. Ending a session twice is harmless, so no replica waits for another. */
  settle(sessions: readonly EndedSession[]): Promise<void>;
  /** Ends everything of the people whose logout is due. Returns how many people. */
  relayPeople(): Promise<number>;
  /** Ends in Keycloak what was ended here and not there yet. Returns how many were done. */
  relayToKeycloak(): Promise<number>;
}

/** What was ended here has to end in Keycloak too, now or when it is back. */
export function createRelayEnds(options: {
  database: Database;
  keycloak: Pick<KeycloakAdmin, 'endSession' | 'endSessionsOf'>;
}): RelayEnds {
  const { database, keycloak } = options;

  async function settle(sessions: readonly EndedSession[]): Promise<void> {
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

  return {
    settle,
    relayPeople,
    relayToKeycloak: async () => (await relaySessions()) + (await relayPeople()),
  };
}
