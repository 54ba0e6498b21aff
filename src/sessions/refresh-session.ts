import type { Audit } from '../audit/index.js';
import type { Database } from '../database/database.js';
import type { Visitor } from '../http/route.js';
import type { LiveSession } from './auth-session.js';
import type { RecheckSession } from './recheck-session.js';
import { LIVE_SESSION, type LiveSessionRow, RENEW_PLACE, toLiveSession } from './session-columns.js';
import { sessionEnded } from './session-ended.js';

export interface Refresh {
  sessionId: string;
  /** Of the refresh token that was shown. */
  generation: number;
  /** True: back to the account, out of whatever branch the session stands in. */
  toAccount: boolean;
  visitor: Visitor;
}

export type RefreshSession = (refresh: Refresh) => Promise<LiveSession | undefined>;

interface RefreshOptions {
  database: Database;
  audit: Pick<Audit, 'record'>;
  recheckSession: RecheckSession;
  graceS: number;
  recheckS: number;
  idleTtlS: number;
}

/**
 * Rotates a session's refresh token in one conditional UPDATE (D4, S10), with a fresh snapshot:
 * - the newest generation moves on by one;
 * - the one before it, within the grace, finds its successor again (a client that lost the answer);
 * - anything older ends the whole session: two parties hold tokens of one family.
 * The session keeps its kind and its branch, unless it goes back to the account or the branch is gone (contract §4).
 * Keycloak is asked first when it was not asked for `recheckS`; nothing rotates before it has agreed, so an
 * outage of Keycloak costs no session. Undefined when the session has ended, by this call or before, or was not
 * refreshed for `idleTtlS` (ASVS 7.3.1).
 * @throws Problem `keycloak.unavailable` (503)
 */
export function createRefreshSession(options: RefreshOptions): RefreshSession {
  const { database, graceS, recheckS, idleTtlS } = options;
  const recheck = singleFlight(options.recheckSession);
  const endReused = createEndReused(options);

  async function rotate({ sessionId, generation, toAccount }: Refresh): Promise<LiveSession | undefined> {
    const values = [sessionId, generation, graceS, recheckS, toAccount, idleTtlS];
    const [row] = await database.query<LiveSessionRow>(ROTATE, values);
    return row && toLiveSession(row);
  }

  return async (refresh) => {
    const { sessionId, generation, visitor } = refresh;
    const session = await rotate(refresh);
    if (session) return session;
    await recheck(sessionId, visitor);
    // Also when nothing was due: somebody else may have asked Keycloak since.
    const rechecked = await rotate(refresh);
    if (!rechecked) await endReused(sessionId, generation, visitor);
    return rechecked;
  };
}

/** The newest generation, or the one before it within the grace. */
const GOOD = `(refresh_generation = $2
  OR (refresh_generation = $2 + 1 AND refreshed_at > now() - make_interval(secs => $3)))`;

/** Updates no row when the session is gone, its token is not good, or Keycloak has to be asked first. */
const ROTATE = `
  UPDATE identity."AuthSession" AS session SET
    refresh_generation = CASE WHEN refresh_generation = $2 THEN $2 + 1 ELSE refresh_generation END,
    refreshed_at = CASE WHEN refresh_generation = $2 THEN now() ELSE refreshed_at END,
    dialect = CASE WHEN $5 THEN 'workspace' ELSE dialect END,${RENEW_PLACE},
    (workspace_id, member_id, active_branch_id) = (
      SELECT branch.workspace_id, branch.member_id, branch.id
      FROM identity.selectable_branches(session.user_id) AS branch
      WHERE NOT $5 AND session.active_branch_id IS NOT NULL AND branch.id = session.active_branch_id)
  WHERE session.id = $1 AND session.ended_at IS NULL AND session.expires_at > now() AND ${GOOD}
    AND session.refreshed_at > now() - make_interval(secs => $6)
    AND session.keycloak_checked_at > now() - make_interval(secs => $4)
    AND EXISTS (SELECT FROM identity."User" AS person WHERE person.id = session.user_id AND person.status = 'ACTIVE')
  RETURNING ${LIVE_SESSION}`;

const END_REUSED = `
  UPDATE identity."AuthSession" SET ended_at = now(), end_reason = 'refresh_token_reused'
  WHERE id = $1 AND ended_at IS NULL AND expires_at > now() AND NOT ${GOOD}
  RETURNING id, user_id`;

/** Ends the session when its token was used before; who used it again, the person or a thief, can't be told. */
function createEndReused({ database, audit, graceS }: RefreshOptions) {
  return (sessionId: string, generation: number, visitor: Visitor): Promise<void> =>
    database.transaction(async (sql) => {
      const [row] = await sql.query<{ id: string; user_id: string }>(END_REUSED, [
        sessionId,
        generation,
        graceS,
      ]);
      if (!row) return;
      const actor = { type: 'anonymous' } as const;
      const subject = { type: 'user', id: row.user_id } as const;
      await audit.record(
        sql,
        { actor, action: 'session.refresh_reused', subject, after: { sessionId, generation }, visitor },
        sessionEnded(row, 'refresh_token_reused', { actor, visitor }),
      );
    });
}

/** Calls that come while one for the same key is under way share its answer. */
function singleFlight<T>(
  call: (key: string, visitor: Visitor) => Promise<T>,
): (key: string, visitor: Visitor) => Promise<T> {
  const flights = new Map<string, Promise<T>>();
  return (key, visitor) => {
    const flight = flights.get(key) ?? call(key, visitor).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };
}
