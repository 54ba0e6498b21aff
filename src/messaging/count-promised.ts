import type { Sql } from '../database/database.js';
import type { SealedMessage } from './sealed-message.js';

/**
 * How many messages of this purpose were promised to somebody in the last seconds, whatever became of them, and how many
 * milliseconds ago the first of them.
 */
export type CountPromised = (
  to: string,
  purpose: string,
  withinS: number,
) => Promise<{ count: number; oldestMs: number }>;

/** What quotas are rebuilt from when Redis has lost them (D8). */
export function createCountPromised(options: {
  sql: Pick<Sql, 'query'>;
  sealed: Pick<SealedMessage, 'indexOf'>;
}): CountPromised {
  const { sql, sealed } = options;
  return async (to, purpose, withinS) => {
    const [row] = await sql.query<{ count: number; oldestMs: number }>(
      `SELECT count(*)::integer AS count,
         coalesce(extract(epoch FROM now() - min(created_at)) * 1000, 0)::double precision AS "oldestMs"
       FROM identity."Message"
       WHERE recipient_index = $1 AND purpose = $2 AND created_at > now() - make_interval(secs => $3)`,
      [sealed.indexOf(to), purpose, withinS],
    );
    return row ?? { count: 0, oldestMs: 0 };
  };
}
