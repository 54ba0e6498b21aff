export { tokenFromHeader } from './bearer/token-from-header.js';
export type { AccessClaims, RoleClaim, SystemClaims, TokenKind, UserClaims } from './claims.js';
export {
  InsufficientRights,
  InvalidToken,
  IssuerUnavailable,
  MissingToken,
  type Reason,
  VerifierError,
} from './errors.js';
export type { ServiceCredentials } from './issuer/system-token.js';
export { createPermissions, type Permissions } from './permissions/create-permissions.js';
export type { PermissionOptions, PermissionStore } from './permissions/permission-options.js';
export type {
  PermissionAction,
  PermissionQuestion,
  PermissionSubject,
} from './permissions/permission-question.js';
export type { StatusListOptions } from './status/status-list-options.js';
export { createVerifier, type Verifier } from './verify/create-verifier.js';
export type { OnWarning, VerifierOptions } from './verify/options.js';
