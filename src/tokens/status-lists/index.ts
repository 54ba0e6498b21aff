export { dropStatusLists } from './drop-status-lists.js';
export { createRevocationMirror } from './mirror-revocations.js';
export { createNoteReader } from './note-reader.js';
export { createPublishStatusList } from './publish-status-list.js';
export { createRevocations, type Revocations } from './revocations.js';
export { statusListRoutes } from './routes.js';
export { readStatusPlace, type StatusListUri, statusClaim, statusListUris } from './status-claim.js';
export type { StatusPlace } from './status-place.js';
export { createStatusPlaces, type StatusPlaces } from './status-places.js';
