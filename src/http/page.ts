import { z } from 'zod';
import { linkToNext } from './link-to-next.js';
import type { Reply } from './route.js';

/** What a list is asked for (contract §5b): `cursor` is the id of the last one seen. */
export interface PageQuery {
  limit: number;
  cursor?: string | undefined;
}

export interface Page<Item> {
  items: Item[];
  /** Give it back for the next page; undefined on the last. */
  cursor: string | undefined;
}

export const pageLimit = z.coerce.number().int().min(1).max(200).default(50);

/** What every list takes. */
export const pageFields = <Cursor extends z.ZodType<string>>(cursor: Cursor) => ({
  limit: pageLimit,
  cursor: cursor.optional(),
});

export const pageDescription =
  'The `Link` header with rel="next" leads to the next page; the last one has none.';

/** @param rows one more than asked for where there is a next page */
export function toPage<Item extends { id: string }>(rows: readonly Item[], limit: number): Page<Item> {
  const items = rows.slice(0, limit);
  return { items, cursor: rows.length > limit ? items.at(-1)?.id : undefined };
}

/** @param query as it came: the next page is asked for alike */
export function pageReply(path: string, query: object, { items, cursor }: Page<unknown>): Reply {
  const headers = cursor === undefined ? {} : linkToNext(path, { ...query, cursor });
  return { status: 200, body: items, headers };
}
