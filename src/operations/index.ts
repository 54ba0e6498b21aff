export { createCreateUser } from './create-user.js';
export { type OperationTools, operationsCommand } from './operations-command.js';
