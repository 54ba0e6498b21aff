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
  /** Ends what only Keycloak knows of the people whose other sessions have ended here. Returns how many people. */
  relayOthers(): Promise<number>;
  /** Ends in Keycloak what was ended here and not there yet. Returns how many were done. */
  relayToKeycloak(): Promise<number>;
}

/** What was ended here has to end in Keycloak too, now or when it is back. */
export function createRelayEnds(options: {
  database: Database;
  keycloak: Pick<KeycloakAdmin, 'endSession' | 'endSessionsOf' | 'sessionsOf'>;
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

  /** Whatever has a live row here was kept, or has been opened since: the list is older than the look at the rows. */
  async function endUnknown(person: { id: string; keycloak_id: string }): Promise<void> {
    const sids = await keycloak.sessionsOf(person.keycloak_id);
    const live = await database.query<{ keycloak_sid: string }>(
      'SELECT keycloak_sid FROM identity."AuthSession" WHERE user_id = $1 AND ended_at IS NULL',
      [person.id],
    );
    const kept = new Set(live.map(({ keycloak_sid }) => keycloak_sid));
    for (const sid of sids.filter((one) => !kept.has(one))) await keycloak.endSession(sid);
  }

  async function relayOthers(): Promise<number> {
    const due = await database.query<{ id: string; keycloak_id: string; due_at: string }>(
      `SELECT id, keycloak_id, others_logout_due_at::text AS due_at FROM identity."User"
       WHERE others_logout_due_at IS NOT NULL LIMIT ${BATCH}`,
    );
    for (const person of due) {
      await endUnknown(person);
      await database.query(
        'UPDATE identity."User" SET others_logout_due_at = NULL WHERE id = $1 AND others_logout_due_at = $2',
        [person.id, person.due_at],
      );
    }
    return due.length;
  }

  return {
    settle,
    relayPeople,
    relayOthers,
    relayToKeycloak: async () => (await relaySessions()) + (await relayPeople()) + (await relayOthers()),
  };
}
