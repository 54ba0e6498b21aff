import { createHash } from 'node:crypto';
import type { Database } from '../database/database.js';
import type { News } from './news.js';
import type { AddNews } from './news-store.js';

/**
 * Has everybody looked at whom the mapping of roles is about, when it is another one than was looked by last, or that
 * was a day ago: it may have changed while no process was there, and Keycloak tells nothing of our settings.
 */
export function createAnnounceMapping(options: {
  database: Database;
  mapped: ReadonlyMap<string, string>;
  addNews: AddNews;
  now: () => number;
  newId: () => string;
}): () => Promise<void> {
  const { database, mapped, addNews, now, newId } = options;
  const pairs = JSON.stringify([...mapped].sort());
  const prefix = `mapping/${createHash('sha256').update(pairs).digest('hex').slice(0, 16)}/`;
  return async () => {
    const [latest] = await database.query<{ id: string }>(LATEST);
    if (latest?.id.startsWith(prefix)) return;
    const id = prefix + newId();
    const at = now();
    const about = (role: string): News => ({
      id: `${id}/${role}`,
      at,
      type: 'ADMIN.UPDATE',
      path: `roles/${encodeURIComponent(role)}`,
    });
    // Whoever has a role by an earlier mapping is looked at also when there is none any more.
    const ofEarlier: News = { id, at, type: 'ADMIN.DELETE', path: 'roles/-' };
    await addNews(database, [ofEarlier, ...[...mapped.keys()].map(about)]);
  };
}

/** Read at a start alone, so no index of its own. */
const LATEST = `
  SELECT id FROM identity."KeycloakEvent" WHERE id LIKE 'mapping/%' ORDER BY received_at DESC LIMIT 1`;
