export { type AssignDefaultRole, createAssignDefaultRole } from './assign-default-role.js';
export {
  type Branch,
  type BranchPermission,
  branchesAsJson,
  findBranch,
  findPermissions,
} from './branch.js';
export { type ActAtMerchant, mayActAtMerchant } from './may-act.js';
export type { Snapshot } from './snapshot.js';
export { createSyncRoles, type SyncRoles } from './sync-roles.js';
