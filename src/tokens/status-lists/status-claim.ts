import type { StatusPlace } from './status-place.js';

/** Names a list's address. */
export type StatusListUri = (list: number) => string;

/** The `status` claim (draft-ietf-oauth-status-list §6.1): where to see whether the token is over before its time. */
export const statusClaim = (place: StatusPlace | null, uriOf: StatusListUri) =>
  place === null ? {} : { status: { status_list: { idx: place.idx, uri: uriOf(place.list) } } };
