export { type AssignDefaultRole, createAssignDefaultRole } from './assign-default-role.js';
export {
  type Branch,
  type BranchPermission,
  branchesAsJson,
  findBranch,
  findPermissions,
} from './branch.js';
export type { Snapshot } from './snapshot.js';
export { createSyncRoles, type SyncRoles } from './sync-roles.js';
