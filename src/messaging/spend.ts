import type { Sql } from '../database/database.js';

/**
 * VND that a merchant's messages of today (Vietnam's day) cost, those included that wait to be sent; null: the
 * platform's own. Never too low: what may have been accepted counts.
 */
export async function spentToday(sql: Sql, merchantId: string | null): Promise<number> {
  const [row] = await sql.query<{ spent: string }>(
    `SELECT coalesce(sum(cost), 0) AS spent FROM identity."Message"
     WHERE created_at >= date_trunc('day', now(), 'Asia/Ho_Chi_Minh')
       AND (merchant_id = $1 OR ($1::text IS NULL AND merchant_id IS NULL))`,
    [merchantId],
  );
  return Number(row?.spent ?? 0);
}
