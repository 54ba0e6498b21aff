import type { Sql } from '../database/database.js';
import type { Snapshot } from './snapshot.js';

/** A merchant that a member may select to work in (contract §2, design words), with the roles they hold there. */
export interface Branch {
  id: string;
  name: string;
  workspaceId: string;
  workspaceName: string;
  tenantId: string;
  memberId: string;
  /** Those held everywhere included; the 51st says that there are more than a token carries. */
  roles: Snapshot['roles'];
}

/** What may be done to a kind of thing: one single action, such as `read`; never `write` or `manage`. */
export interface BranchPermission {
  object: string;
  action: string;
}

const AS_JSON = `jsonb_build_object('id', branch.id, 'name', branch.name, 'workspaceId', branch.workspace_id,
  'workspaceName', branch.workspace_name, 'tenantId', branch.tenant_id, 'memberId', branch.member_id,
  'roles', branch.roles)`;

/** Selects the branches that a user may select as an array of `Branch`, inside a statement. @param userId a column */
export const branchesAsJson = (userId: string): string => `
  (SELECT coalesce(jsonb_agg(${AS_JSON} ORDER BY branch.workspace_name, branch.name, branch.id), '[]')
   FROM identity.selectable_branches(${userId}) AS branch)`;

/** One of the branches that a user may select, at this moment. */
export async function findBranch(sql: Sql, userId: string, branchId: string): Promise<Branch | undefined> {
  const [row] = await sql.query<{ branch: Branch }>(
    `SELECT ${AS_JSON} AS branch FROM identity.selectable_branches($1) AS branch WHERE branch.id = $2`,
    [userId, branchId],
  );
  return row?.branch;
}

/** What a user may do in a branch: what is granted to them and to their roles there, less what is denied. */
export function findPermissions(sql: Sql, userId: string, branch: Branch): Promise<BranchPermission[]> {
  return sql.query<BranchPermission>('SELECT object, action FROM identity.branch_permissions($1, $2, $3)', [
    userId,
    branch.id,
    branch.workspaceId,
  ]);
}
