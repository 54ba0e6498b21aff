import { type Audit, type AuditEntry, insertAudit } from '../audit/index.js';
import type { Database } from '../database/database.js';
import type { SealedText } from '../database/sealed-text.js';
import type { StatusPlaces } from '../tokens/index.js';
import type { LiveSession, NewSession } from './auth-session.js';
import { LIVE_SESSION, type LiveSessionRow, RENEW_PLACE, toLiveSession } from './session-columns.js';

export type OpenSession = (session: NewSession) => Promise<LiveSession | undefined>;

/** Where a sealed Keycloak refresh token belongs: it opens nowhere else. */
export const sealContext = (keycloakSid: string): string =>
  `identity.AuthSession/${keycloakSid}/keycloak_refresh_token`;

/**
 * Opens a session of ours on a Keycloak session (`sid`): a sign-in gets a row of its own, so that apps which share a
 * browser's Keycloak session don't rotate each other's refresh tokens; exchanges of one `sid` join one row.
 * All rows of a `sid` end at the same time at the latest, as the first one does (S8).
 * A workspace session of somebody with one branch stands in it at once (S5).
 * What opens a row is audited by the same statement; an exchange that joins one is no act of its own.
 * Undefined when a session of that `sid` has already ended or run out here, or belongs to somebody else.
 * @param absoluteTtlS seconds a session lives at most, whatever its use (S8)
 */
export function createOpenSession(options: {
  database: Database;
  audit: Pick<Audit, 'prepare'>;
  sealed: SealedText;
  places: StatusPlaces;
  absoluteTtlS: number;
}): OpenSession {
  const { database, audit, sealed, places, absoluteTtlS } = options;
  return async (session) => {
    const token = session.keycloakRefreshToken;
    const place = await places.take();
    const [row] = await database.query<LiveSessionRow>(OPEN, [
      session.id,
      session.keycloakSid,
      session.userId,
      session.clientId,
      session.origin,
      session.visitor.address,
      session.visitor.agent.slice(0, 512),
      session.amr,
      session.acr,
      session.authTime,
      token === null ? null : sealed.seal(token, sealContext(session.keycloakSid)),
      absoluteTtlS,
      session.dialect ?? 'platform',
      await audit.prepare(database, opening(session)),
      place.list,
      place.idx,
    ]);
    if (row?.id !== session.id) places.giveBack(place); // refused, or joined to a session that has its own
    return row && toLiveSession(row);
  };
}

function opening({ id, userId, clientId, via, amr, acr, visitor }: NewSession): AuditEntry {
  const who = { type: 'user', id: userId } as const;
  const after = { sessionId: id, clientId, via, amr, acr };
  return { actor: who, action: 'session.opened', subject: who, after, visitor };
}

/** No row of the same `sid` may be over: what was ended here is not opened again while Keycloak hears of it. */
const OPEN = `
  WITH known AS (
    SELECT min(expires_at) AS expires_at, bool_or(ended_at IS NOT NULL OR user_id <> $3) AS closed
    FROM identity."AuthSession" WHERE keycloak_sid = $2),
  only_branch AS (
    SELECT min(id) AS id, min(workspace_id) AS workspace_id, min(member_id) AS member_id
    FROM identity.selectable_branches($3) WHERE $13 = 'workspace' HAVING count(*) = 1),
  opened AS (
  INSERT INTO identity."AuthSession" AS session
    (id, keycloak_sid, user_id, client_id, origin, address, agent, amr, acr, auth_time,
     keycloak_refresh_token, expires_at, dialect, workspace_id, member_id, active_branch_id, status_list, status_idx)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8::text[], $9, to_timestamp($10), $11,
    coalesce(known.expires_at, now() + make_interval(secs => $12)),
    $13, only_branch.workspace_id, only_branch.member_id, only_branch.id, $15, $16
  FROM known LEFT JOIN only_branch ON true
  WHERE known.closed IS NOT TRUE AND coalesce(known.expires_at > now(), true)
  ON CONFLICT (keycloak_sid) WHERE origin = 'exchange' DO UPDATE SET keycloak_checked_at = now(),${RENEW_PLACE}
    WHERE session.user_id = excluded.user_id AND session.ended_at IS NULL AND session.expires_at > now()
  RETURNING ${LIVE_SESSION}),
  audited AS (${insertAudit('$14', 'EXISTS (SELECT FROM opened WHERE opened.id = $1)')})
  SELECT * FROM opened`;
