export {
  type AccessSubject,
  type AccessTokenSettings,
  type BranchPlace,
  createAccessTokenMinter,
  type MintAccessToken,
  type MintedToken,
  type PersonSubject,
} from './access-token.js';
export { createAccountTokenMinter, type MintAccountToken } from './account-token.js';
export {
  createDeviceTokens,
  DEVICE_TOKEN_TTL_S,
  type DeviceTokens,
  type KnownDevice,
} from './device-token.js';
export { tokenErrors } from './errors.js';
export {
  type KeyMaterial,
  type MessageKeys,
  readKeyFiles,
  readMessageKeys,
  UnusableKeys,
} from './key-files.js';
export { createOtpTicketMinter, type MintOtpTicket } from './otp-ticket.js';
export { discoveryDocument, JWK_SET_CACHE, jwkSet } from './public-documents.js';
export { createRefreshTokens, type RefreshTokens } from './refresh-token.js';
export { createSigner, type Signer } from './signer.js';
export {
  createPublishStatusList,
  createRevocationMirror,
  createRevocations,
  createStatusPlaces,
  dropStatusLists,
  type Revocations,
  STATUS_LISTS,
  type StatusPlace,
  type StatusPlaces,
  statusListRoutes,
} from './status-lists/index.js';
export { createSystemTokenMinter, type MintSystemToken } from './system-token.js';
export {
  type AccessClaims,
  createAccessTokenVerifier,
  type VerifyAccessToken,
} from './verify-access-token.js';
