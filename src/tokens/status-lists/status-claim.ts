import { z } from 'zod';
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

const claimSchema = z.object({ status_list: z.object({ idx: z.int(), uri: z.string() }) });

/** The place that a verified token's claim names; null without one. */
export function readStatusPlace(claim: unknown): StatusPlace | null {
  const parsed = claimSchema.safeParse(claim);
  if (!parsed.success) return null;
  const { idx, uri } = parsed.data.status_list;
  return { list: Number(uri.slice(uri.lastIndexOf('/') + 1)), idx };
}
