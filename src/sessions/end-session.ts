import type { Audit } from '../audit/index.js';
import type { Database, Sql } from '../database/database.js';
import { endDevices } from '../people/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { EndReason } from './auth-session.js';
import type { EndedSession, RelayEnds } from './relay-ends.js';
import { type EndedBy, sessionEnded } from './session-ended.js';

export interface EndSessions {
  /**
   * Ends one session here at once; its Keycloak session follows, now or when Keycloak is back. Whether there was one
   * that was open, and that person's.
   * @param session `userId` null: whoever's it is
   */
  end(
    session: { sessionId: string; userId: string | null },
    reason: EndReason,
    by: EndedBy,
  ): Promise<boolean>;
  /** Ends every session of a person, those that only Keycloak knows included. */
  endAll(userId: string, reason: EndReason, by: EndedBy): Promise<void>;
  /** The same in the caller's transaction; what only Keycloak knows ends when the worker comes by. */
  endAllWithin(sql: Sql, userId: string, reason: EndReason, by: EndedBy): Promise<void>;
  /** Ends every session of a person but this one, those that only Keycloak knows included. */
  endOthers(userId: string, keptSessionId: string, reason: EndReason, by: EndedBy): Promise<void>;
  /** Ends what Keycloak's word ends: the sessions on one `sid`, of a person, or everybody's. Returns how many were open. */
  endedByKeycloak(ended: KeycloakEnd, sql: Sql, by: EndedBy): Promise<number>;
}

/** At least one of the first three; all of it narrows it down. */
export interface KeycloakEnd {
  sid?: string | undefined;
  keycloakId?: string | undefined;
  everybody?: true;
  /** Only who had signed in by then: seconds since 1970, by Keycloak's clock. */
  signedInBy?: number;
  /** Not this one. */
  exceptSid?: string | undefined;
  /** No more than this at once. */
  atMost?: number;
  /** Keycloak has not ended them itself: they end there too. */
  stillInKeycloak?: boolean;
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

  async function endAllWithin(sql: Sql, userId: string, reason: EndReason, by: EndedBy): Promise<void> {
    if (reason === 'signed_out_everywhere') await endDevices(sql, userId);
    await sql.query('UPDATE identity."User" SET logout_due_at = now() WHERE id = $1', [userId]);
    const rows = await sql.query<Ended>(
      `UPDATE identity."AuthSession" SET ended_at = now(), end_reason = $2
       WHERE user_id = $1 AND ended_at IS NULL RETURNING id, keycloak_sid, user_id`,
      [userId, reason],
    );
    await record(sql, rows, reason, by);
  }

  return {
    async endedByKeycloak({ sid, keycloakId, everybody, ...which }, sql, by) {
      if (sid === undefined && keycloakId === undefined && !everybody) return 0;
      const { signedInBy, exceptSid, stillInKeycloak = false, atMost } = which;
      const ended = await sql.query<Ended>(ENDED_BY_KEYCLOAK, [
        sid ?? null,
        keycloakId ?? null,
        signedInBy ?? null,
        exceptSid ?? null,
        stillInKeycloak,
        atMost ?? null,
      ]);
      await record(sql, ended, 'keycloak_ended', by);
      return ended.length;
    },
    async end({ sessionId, userId }, reason, by) {
      const ended = await database.transaction(async (sql) => {
        const rows = await sql.query<Ended>(
          `UPDATE identity."AuthSession" SET ended_at = now(), end_reason = $2
           WHERE id = $1 AND ($3::text IS NULL OR user_id = $3) AND ended_at IS NULL RETURNING id, keycloak_sid, user_id`,
          [sessionId, reason, userId],
        );
        await record(sql, rows, reason, by);
        return rows;
      });
      await orLeaveIt(relay.settle(ended));
      return ended.length > 0;
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
    endAllWithin,
    async endAll(userId, reason, by) {
      await database.transaction((sql) => endAllWithin(sql, userId, reason, by));
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

/** Without a LIMIT ($6 is null) all of them. */
const ENDED_BY_KEYCLOAK = `
  UPDATE identity."AuthSession" SET ended_at = now(), end_reason = 'keycloak_ended',
    keycloak_ended_at = CASE WHEN $5 THEN NULL ELSE now() END
  WHERE id IN (
    SELECT session.id FROM identity."AuthSession" AS session
    WHERE session.ended_at IS NULL AND ($1::text IS NULL OR session.keycloak_sid = $1)
      AND ($2::text IS NULL OR session.user_id = (SELECT id FROM identity."User" WHERE keycloak_id = $2))
      AND ($3::bigint IS NULL OR session.auth_time <= to_timestamp($3)) AND session.keycloak_sid IS DISTINCT FROM $4
    LIMIT $6 FOR NO KEY UPDATE)
  RETURNING id, keycloak_sid, user_id`;
