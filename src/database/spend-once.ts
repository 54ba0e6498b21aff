import type { Sql } from './database.js';

export type SpendOnce = typeof spendOnce;

/**
 * True for the first caller among all replicas, false for everybody after: one statement decides.
 * @param ttlS how long the memory is needed: until what carries the value is refused for its age
 */
export async function spendOnce(sql: Sql, kind: string, value: string, ttlS: number): Promise<boolean> {
  const spent = await sql.query(
    `INSERT INTO identity."Spent" (kind, value, expires_at) VALUES ($1, $2, now() + make_interval(secs => $3))
     ON CONFLICT DO NOTHING RETURNING kind`,
    [kind, value, ttlS],
  );
  return spent.length > 0;
}
