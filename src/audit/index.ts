export { AUDIT_ACTIONS, type AuditAction } from './action.js';
export { type Actor, type AuditEntry, type ImpersonalEntry, KEYCLOAK, type Subject } from './audit-entry.js';
export { createAuditReader } from './audit-reader.js';
export { keepPartitions } from './keep-partitions.js';
export { moveRefusals } from './move-refusals.js';
export { type Audit, createAudit, insertAudit, recordImpersonal } from './record.js';
export { type CountRefusal, createRefusalCounter, type Refusal } from './refusals.js';
export { auditRoutes } from './routes.js';
export { createSubjectKeys, dropSubjectKey, type SubjectKeys } from './subject-keys.js';
