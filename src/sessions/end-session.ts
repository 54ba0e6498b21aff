import type { Audit } from '../audit/index.js';
import type { Database, Sql } from '../database/database.js';
import { endDevices } from '../people/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { EndReason } from './auth-session.js';
import type { EndedSession, RelayEnds } from './relay-ends.js';
import { type EndedBy, sessionEnded } from './session-ended.js';

export interface EndSessions {
  /** Ends one session here at once; its Keycloak session follows, now or when Keycloak is back. */
  end(sessionId: string, reason: EndReason, by: EndedBy): Promise<void>;
  /** Ends every session of a person, those that only Keycloak knows included. */
  endAll(userId: string, reason: EndReason, by: EndedBy): Promise<void>;
  /** Ends every session of a person but this one, those that only Keycloak knows included. */
  endOthers(userId: string, keptSessionId: string, reason: EndReason, by: EndedBy): Promise<void>;
  /** Ends what Keycloak says it has ended: the sessions on one `sid`, or all of a person. Returns how many were open. */
  endedByKeycloak(ended: KeycloakEnd, sql: Sql, by: EndedBy): Promise<number>;
}

/** At least one of the two; both narrow it down. */
export interface KeycloakEnd {
  sid?: string | undefined;
  keycloakId?: string | undefined;
}

type Ended = EndedSession & { user_id: string };

/** The row is written before the answer, so an end that was promised survives a crash and an outage of Keycloak. */
export function createEndSessions(options: {
  database: Database;
  audit: Pick<Audit, 'record'>;
  relay: Pick<RelayEnds, 'settle' | 'relayPeople' | 'relayOthers'>;
  logger: Logger;
}): EndSessions {
  const { database, audit, relay, logger } = options;

  const orLeaveIt = (work: Promise<unknown>) =>
    work.catch((error: unknown) => logger.warn({ err: error }, 'what was ended here waits for Keycloak'));

  const record = (sql: Sql, ended: readonly Ended[], reason: EndReason, by: EndedBy) =>
    audit.record(sql, ...ended.map((session) => sessionEnded(session, reason, by)));

  return {
    async endedByKeycloak({ sid, keycloakId }, sql, by) {
      if (sid === undefined && keycloakId === undefined) return 0;
      const ended = await sql.query<Ended>(
        `UPDATE identity."AuthSession" AS session
         SET ended_at = now(), end_reason = 'keycloak_ended', keycloak_ended_at = now()
         WHERE session.ended_at IS NULL AND ($1::text IS NULL OR session.keycloak_sid = $1)
           AND ($2::text IS NULL OR session.user_id = (SELECT id FROM identity."User" WHERE keycloak_id = $2))
         RETURNING session.id, session.keycloak_sid, session.user_id`,
        [sid ?? null, keycloakId ?? null],
      );
      await record(sql, ended, 'keycloak_ended', by);
      return ended.length;
    },
    async end(sessionId, reason, by) {
      const ended = await database.transaction(async (sql) => {
        const rows = await sql.query<Ended>(
          `UPDATE identity."AuthSession" SET ended_at = now(), end_reason = $2
           WHERE id = $1 AND ended_at IS NULL RETURNING id, keycloak_sid, user_id`,
          [sessionId, reason],
        );
        await record(sql, rows, reason, by);
        return rows;
      });
      await orLeaveIt(relay.settle(ended));
    },
    async endOthers(userId, keptSessionId, reason, by) {
      const ended = await database.transaction(async (sql) => {
        await sql.query('UPDATE identity."User" SET others_logout_due_at = now() WHERE id = $1', [userId]);
        const rows = await sql.query<Ended>(END_OTHERS, [userId, keptSessionId, reason]);
        await record(sql, rows, reason, by);
        return rows;
      });
      await orLeaveIt(relay.settle(ended).then(relay.relayOthers));
    },
    async endAll(userId, reason, by) {
      await database.transaction(async (sql) => {
        if (reason === 'signed_out_everywhere') await endDevices(sql, userId);
        await sql.query('UPDATE identity."User" SET logout_due_at = now() WHERE id = $1', [userId]);
        const rows = await sql.query<Ended>(
          `UPDATE identity."AuthSession" SET ended_at = now(), end_reason = $2
           WHERE user_id = $1 AND ended_at IS NULL RETURNING id, keycloak_sid, user_id`,
          [userId, reason],
        );
        await record(sql, rows, reason, by);
      });
      await orLeaveIt(relay.relayPeople());
    },
  };
}

/** Several sessions of ours may stand on one of Keycloak's: what shares that of the kept one stays. */
const END_OTHERS = `
  UPDATE identity."AuthSession" AS session SET ended_at = now(), end_reason = $3
  WHERE session.user_id = $1 AND session.ended_at IS NULL AND session.keycloak_sid <> (
    SELECT kept.keycloak_sid FROM identity."AuthSession" AS kept WHERE kept.id = $2)
  RETURNING session.id, session.keycloak_sid, session.user_id`;
