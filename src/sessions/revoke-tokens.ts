import type { Sql } from '../database/database.js';

/**
 * Makes every token invalid that the open sessions of these people have issued, in the caller's transaction. The sessions
 * go on: the next refresh issues what they may by then, under another place of a status list.
 */
export async function revokeTokens(sql: Sql, userIds: readonly string[]): Promise<void> {
  await sql.query('SELECT identity.revoke_tokens($1)', [userIds]);
}
