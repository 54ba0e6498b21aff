import type { Sql } from '../database/database.js';

/**
 * Takes out of the queue what waits in a restored database: it may have been sent since the backup. An operator replays what
 * is still wanted; codes were over before anybody could (D7).
 * @returns how many
 */
export async function holdBackUnsent(sql: Sql): Promise<number> {
  const held = await sql.query(
    `UPDATE identity."Message" SET status = 'dead', error_class = 'restored', finished_at = now(), enqueued_until = NULL
     WHERE status = 'pending' RETURNING id`,
  );
  return held.length;
}
