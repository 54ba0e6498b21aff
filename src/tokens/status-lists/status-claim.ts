import { STATUS_LISTS } from './routes.js';
import type { StatusPlace } from './status-place.js';

/** Names a list's address. */
export type StatusListUri = (list: number) => string;

export const statusListUris =
  (issuer: string): StatusListUri =>
  (list) =>
    `${issuer}${STATUS_LISTS}/${list}`;

/** The `status` claim (draft-ietf-oauth-status-list §6.1): where to see whether the token is over before its time. */
export const statusClaim = (place: StatusPlace | null, uriOf: StatusListUri) =>
  place === null ? {} : { status: { status_list: { idx: place.idx, uri: uriOf(place.list) } } };
