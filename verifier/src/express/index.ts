export { answerRefusals } from './answer-refusals.js';
export { authenticate } from './authenticate.js';
export type { GuardedRequest, Middleware } from './middleware.js';
export { type MerchantOptions, requireMerchant } from './require-merchant.js';
export { type RequirePermissionOptions, requirePermission } from './require-permission.js';
export { requireRole } from './require-role.js';
