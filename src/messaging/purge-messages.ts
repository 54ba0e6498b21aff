import type { Sql } from '../database/database.js';

/** Deletes finished messages, their recipients and attempts, when they are so old (D7). */
export async function purgeMessages(sql: Sql, retentionDays: number): Promise<void> {
  await sql.query(`DELETE FROM identity."Message" WHERE finished_at < now() - make_interval(days => $1)`, [
    retentionDays,
  ]);
  await sql.query(`DELETE FROM identity."MessageSpend" WHERE day < current_date - 7`);
}
