import type { Sql } from '../database/database.js';
import type { EmitToUser } from '../redis/emit-to-user.js';

/**
 * Tells people's open apps that their profile has changed (contract §10), whoever changed it: after the commit, best
 * effort. A row that another worker takes, or whose writer has not finished, is left.
 */
export function createAnnounceProfiles(options: { database: Sql; emitToUser: EmitToUser }) {
  const { database, emitToUser } = options;
  return async (): Promise<void> => {
    const changed = await database.query<{ user_id: string }>(TAKE);
    for (const { user_id } of changed) emitToUser(user_id, 'identity.profile-changed', {});
  };
}

const TAKE = `
  DELETE FROM identity."ProfileChange" WHERE user_id IN (
    SELECT user_id FROM identity."ProfileChange" ORDER BY changed_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
  RETURNING user_id`;
