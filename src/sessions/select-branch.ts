import type { Audit } from '../audit/index.js';
import type { Database } from '../database/database.js';
import type { Visitor } from '../http/route.js';
import type { LiveSession } from './auth-session.js';
import { LIVE_SESSION, type LiveSessionRow, RENEW_PLACE, toLiveSession } from './session-columns.js';

export type SelectBranch = (selection: {
  sessionId: string;
  userId: string;
  branchId: string;
  visitor: Visitor;
}) => Promise<LiveSession | undefined>;

/**
 * Moves a workspace session into a branch, or from one into another: the same session, the same refresh token (S6).
 * Undefined when the person may not select that branch, or the session is no longer theirs to move.
 */
export function createSelectBranch(options: {
  database: Database;
  audit: Pick<Audit, 'record'>;
}): SelectBranch {
  const { database, audit } = options;
  return ({ sessionId, userId, branchId, visitor }) =>
    database.transaction(async (sql) => {
      const [row] = await sql.query<LiveSessionRow>(SELECT_BRANCH, [sessionId, userId, branchId]);
      if (!row) return undefined;
      const who = { type: 'user', id: userId } as const;
      const after = { sessionId, branchId };
      await audit.record(sql, {
        actor: who,
        action: 'session.branch_selected',
        subject: who,
        after,
        visitor,
      });
      return toLiveSession(row);
    });
}

const SELECT_BRANCH = `
  UPDATE identity."AuthSession" AS session
  SET workspace_id = branch.workspace_id, member_id = branch.member_id, active_branch_id = branch.id,${RENEW_PLACE}
  FROM identity.selectable_branches($2) AS branch
  WHERE session.id = $1 AND session.user_id = $2 AND session.dialect = 'workspace' AND branch.id = $3
    AND session.ended_at IS NULL AND session.expires_at > now()
    AND EXISTS (SELECT FROM identity."User" AS person WHERE person.id = session.user_id AND person.status = 'ACTIVE')
  RETURNING ${LIVE_SESSION}`;
