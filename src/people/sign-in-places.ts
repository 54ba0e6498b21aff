import type { Sql } from '../database/database.js';

/** Notes a place that somebody signs in from. True when they have within 90 days. The caller holds the person's row. */
export async function isFamiliarPlace(sql: Sql, userId: string, place: string): Promise<boolean> {
  const [seen] = await sql.query<{ familiar: boolean }>(SEE, [userId, place]);
  return seen?.familiar === true;
}

const SEE = `
  WITH before AS (
    SELECT FROM identity."SignInPlace"
    WHERE user_id = $1 AND place = $2 AND last_seen_at > now() - interval '90 days'
  ), noted AS (
    INSERT INTO identity."SignInPlace" (user_id, place) VALUES ($1, $2)
    ON CONFLICT (user_id, place) DO UPDATE SET last_seen_at = now()
  ) SELECT EXISTS (SELECT FROM before) AS familiar`;

/**
 * Whether a new device is one to tell a person of: not the first they ever had (that is the sign-up), and not within a
 * day of the last notice. A yes counts as told.
 */
export async function claimNotice(sql: Sql, userId: string): Promise<boolean> {
  const told = await sql.query(
    `UPDATE identity."User" SET device_notice_at = now()
     WHERE id = $1 AND first_device_at IS NOT NULL
       AND (device_notice_at IS NULL OR device_notice_at < now() - interval '1 day') RETURNING id`,
    [userId],
  );
  return told.length > 0;
}

/** From now on a device that is new is one to tell of. */
export const noteFirstDevice = (sql: Sql, userId: string) =>
  sql.query('UPDATE identity."User" SET first_device_at = now() WHERE id = $1 AND first_device_at IS NULL', [
    userId,
  ]);
