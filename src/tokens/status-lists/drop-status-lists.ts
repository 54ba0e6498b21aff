import type { Sql } from '../../database/database.js';

/** A process may hold places of a full list for an hour: a list is not looked at before. */
const DROP = `
  DELETE FROM identity."StatusList" AS list WHERE full_at < now() - interval '2 hours'
    AND (held_until IS NULL OR held_until < now())
    AND NOT EXISTS (SELECT FROM identity."AuthSession" WHERE status_list = list.id AND expires_at > now())
    AND NOT EXISTS (SELECT FROM identity."ServiceCredential" WHERE status_list = list.id)`;

const NOTE_FULL = `
  UPDATE identity."StatusList" AS list SET full_at = now() WHERE full_at IS NULL
    AND NOT EXISTS (SELECT FROM identity."FreeStatusIndex" WHERE list_id = list.id)`;

/** Drops the lists whose last token has expired (D7): no access token outlives its session. */
export async function dropStatusLists(database: Sql): Promise<void> {
  await database.query(NOTE_FULL);
  await database.query(DROP);
}
