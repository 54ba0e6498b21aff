export { createAfterRestore } from './after-restore.js';
export { createCreateUser } from './create-user.js';
export { importStore } from './import/import-store.js';
export { createImportUser } from './import/import-user.js';
export { createImportUsers } from './import/import-users.js';
export { OPERATOR, type OperationTools } from './operation-tools.js';
export { OPERATIONS, operationsCommand } from './operations-command.js';
