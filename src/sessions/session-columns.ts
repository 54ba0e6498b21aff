import { PERSON_AS_JSON, type Person } from '../people/index.js';
import { type Branch, branchesAsJson, type Snapshot } from '../policies/index.js';
import type { LiveSession, Reach } from './auth-session.js';

/** Everything a token needs from a row named `session`, the person and the snapshot included: one round trip. */
export const LIVE_SESSION = `
  session.id, session.client_id, session.amr, session.acr, session.refresh_generation,
  session.status_list, session.status_idx,
  extract(epoch FROM session.auth_time)::bigint AS auth_time,
  floor(extract(epoch FROM session.expires_at))::bigint AS expires_at,
  floor(extract(epoch FROM session.refreshed_at))::bigint AS refreshed_at,
  (SELECT ${PERSON_AS_JSON} FROM identity."User" AS person WHERE person.id = session.user_id) AS person,
  identity.subject_snapshot(session.user_id) AS snapshot, session.active_branch_id,
  CASE WHEN session.dialect = 'workspace' THEN ${branchesAsJson('session.user_id')} END AS branches`;

/**
 * In an UPDATE of a row named `session` that issues a token: what was revoked while the session goes on (`revoke_tokens`)
 * is not issued under again. Seen by the statement's own snapshot, as the rights are that go into the token.
 */
export const RENEW_PLACE = `
  (status_list, status_idx) = (
    SELECT place.list_id, place.idx
    FROM identity.renewed_place(session.status_list, session.status_idx, EXISTS (
      SELECT FROM identity."Revocation" AS revoked
      WHERE revoked.list_id = session.status_list AND revoked.idx = session.status_idx)) AS place)`;

export interface LiveSessionRow {
  id: string;
  client_id: string;
  amr: string[];
  acr: string | null;
  refresh_generation: number;
  status_list: number | null;
  status_idx: number | null;
  auth_time: string;
  expires_at: string;
  refreshed_at: string;
  person: Person;
  snapshot: Snapshot;
  active_branch_id: string | null;
  /** Null in a platform session. */
  branches: Branch[] | null;
}

export function toLiveSession(row: LiveSessionRow): LiveSession {
  return {
    id: row.id,
    clientId: row.client_id,
    amr: row.amr,
    acr: row.acr,
    authTime: Number(row.auth_time),
    expiresAt: Number(row.expires_at),
    refresh: { generation: row.refresh_generation, issuedAt: Number(row.refreshed_at) },
    status: toStatusPlace(row),
    person: row.person,
    snapshot: row.snapshot,
    reach: reachOf(row),
  };
}

const toStatusPlace = ({ status_list: list, status_idx: idx }: LiveSessionRow) =>
  list === null || idx === null ? null : { list, idx };

/** A branch that was closed, or that the person has lost, is no longer among those that may be selected. */
function reachOf({ branches, active_branch_id }: LiveSessionRow): Reach {
  if (!branches) return { kind: 'platform' };
  const branch = branches.find(({ id }) => id === active_branch_id);
  return branch ? { kind: 'branch', branch, branches } : { kind: 'account', branches };
}
