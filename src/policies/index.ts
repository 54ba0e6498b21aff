export { type AssignDefaultRole, assignDefaultRole } from './assign-default-role.js';
export type { Snapshot } from './snapshot.js';
