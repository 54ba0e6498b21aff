export { policyRoutes } from './administration-routes.js';
export {
  type Administrator,
  createFindAdministrator,
  type FindAdministrator,
  OWNER_ROLE,
  requirePlatform,
} from './administrator.js';
export { type AssignDefaultRole, createAssignDefaultRole } from './assign-default-role.js';
export {
  type Branch,
  type BranchPermission,
  branchesAsJson,
  findBranch,
  findPermissions,
} from './branch.js';
export { type ChangeFeed, createChangeFeed } from './change-feed.js';
export { createDescribeSubject, type DescribeSubject } from './describe-subject.js';
export { policyErrors } from './errors.js';
export { holdsElsewhere } from './holds-elsewhere.js';
export { requireAdministratorsLeft } from './judge-write.js';
export { lookupRoutes } from './lookup-routes.js';
export {
  createPerformWrite,
  type OnRightsTaken,
  requireOwnerStays,
  takeTurns,
} from './perform-write.js';
export { createPermit, type Permit, type PermitAll, type PermitResult } from './permit.js';
export { createPolicyCache, type PolicyCache } from './policy-cache.js';
export { merchantDomain } from './policy-domain.js';
export { ACTIONS, type Action, type PolicySubject } from './policy-row.js';
export { plainId } from './policy-schema.js';
export { PLACE } from './policy-store.js';
export { createRoleCatalogue } from './role-catalogue.js';
export { roleRoutes } from './role-routes.js';
export type { Snapshot } from './snapshot.js';
export { createSyncRoles, type SyncRoles } from './sync-roles.js';
export { createWritePolicies, type PolicyWriter, type WritePolicies } from './write-policy.js';
