import type { Sql } from '../database/database.js';
import type { SealedMessage } from './sealed-message.js';

/** What the ledger has of a recipient and purpose in the last 24 hours, sent or not; the age in milliseconds. */
export type CountPromisedMessages = (
  to: string,
  purpose: string,
) => Promise<{ count: number; oldestMs: number }>;

export function createCountPromisedMessages(options: {
  sql: Sql;
  sealed: Pick<SealedMessage, 'indexOf'>;
}): CountPromisedMessages {
  const { sql, sealed } = options;
  return async (to, purpose) => {
    const [row] = await sql.query<{ count: number; oldestMs: number }>(
      `SELECT count(*)::integer AS count,
         coalesce(extract(epoch FROM now() - min(created_at)) * 1000, 0)::double precision AS "oldestMs"
       FROM identity."Message"
       WHERE recipient_index = $1 AND created_at > now() - interval '24 hours' AND purpose = $2`,
      [sealed.indexOf(to), purpose],
    );
    return row ?? { count: 0, oldestMs: 0 };
  };
}
