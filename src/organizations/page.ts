import { z } from 'zod';
import { linkToNext } from '../http/link-to-next.js';
import type { Reply } from '../http/route.js';
import { plainId } from '../policies/index.js';

export interface Page {
  limit: number;
  cursor?: string | undefined;
}

/** What every list takes: `cursor` is the id of the last one seen. */
export const pageFields = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: plainId.optional(),
};

export const pageDescription =
  'The `Link` header with rel="next" leads to the next page; the last one has none.';

/** @param rows one more than asked for where there is a next page */
export function pageReply(path: string, query: Page, rows: readonly { id: string }[]): Reply {
  const items = rows.slice(0, query.limit);
  const isLast = rows.length <= query.limit;
  return {
    status: 200,
    body: items,
    headers: isLast ? {} : linkToNext(path, { ...query, cursor: items.at(-1)?.id }),
  };
}
