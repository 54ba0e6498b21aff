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
export { type AwaitActivation, createAwaitActivation, type Laggards } from './keys/await-activation.js';
export { retireKey, revokeKey } from './keys/change-keys.js';
export { createKeepKeys } from './keys/keep-keys.js';
export {
  createNoteConsumer,
  type KeyConsumer,
  type NoteConsumer,
  parseLoadedKids,
  readConsumers,
} from './keys/key-consumers.js';
export {
  createKeyFolder,
  FolderReadOnly,
  type HeldKey,
  type KeyFolder,
  makeKeyText,
  type SigningAlgorithm,
  toHeldKey,
} from './keys/key-folder.js';
export { createKeyRing, type KeyRing } from './keys/key-ring.js';
export { keyRoutes } from './keys/key-routes.js';
export { type Replica, readLiveReplicas } from './keys/replicas.js';
export { createRotateKey, NoKeyYet, type RotateKey } from './keys/rotate-key.js';
export { type KeyTimes, lockKeys, readSigningKeys, type SigningKey } from './keys/signing-key.js';
export { createTendKeys, type KeyConcerns } from './keys/tend-keys.js';
export { createOtpTicketMinter, type MintOtpTicket } from './otp-ticket.js';
export { discoveryDocument, JWK_SET_CACHE, jwkSet } from './public-documents.js';
export { createSystemTokenReader, type ReadSystemToken } from './read-system-token.js';
export { createRefreshTokens, type RefreshTokens } from './refresh-token.js';
export { createSigner, type Signer } from './signer.js';
export {
  createNoteReader,
  createPublishStatusList,
  createRevocationMirror,
  createRevocations,
  createStatusPlaces,
  dropStatusLists,
  type Revocations,
  type StatusPlace,
  type StatusPlaces,
  statusListRoutes,
  statusListUris,
} from './status-lists/index.js';
export { createSystemTokenMinter, type MintSystemToken } from './system-token.js';
export {
  type AccessClaims,
  createAccessTokenVerifier,
  type VerifyAccessToken,
} from './verify-access-token.js';
