import type { Database } from '../database/database.js';
import type { StoredAdminEvent, StoredEvents, StoredUserEvent } from '../keycloak-gateway/index.js';
import { matterOf, type News, USER_EVENTS } from './news.js';
import type { AddNews } from './news-store.js';

/**
 * Seconds that are read again each time. An event bears the time when it happened and is seen when its transaction
 * commits; none of Keycloak's lives for longer than five minutes.
 */
const OVERLAP_S = 600;
/** Seconds that a reader has; after that another one reads. */
const LEASE_S = 300;

/**
 * Reads Keycloak's stored events again, from a while before the newest that was read: a second net under the outbox (D5).
 * One worker at a time, by a lease in the cursor's row, which needs no connection of its own.
 */
export function createRereadEvents(options: {
  database: Database;
  realm: string;
  events: StoredEvents;
  addNews: AddNews;
}): () => Promise<void> {
  const { database, realm, events, addNews } = options;

  /** @returns the time of the newest */
  async function take(news: readonly News[], newest: number): Promise<number> {
    await addNews(database, news.filter(matterOf));
    return news.reduce((latest, { at }) => Math.max(latest, at), newest);
  }

  return async () => {
    const [cursor] = await database.query<{ until: number; lease: string }>(TAKE_TURN, [realm, LEASE_S]);
    if (!cursor) return;
    let newest = cursor.until;
    try {
      const since = Math.floor(cursor.until - OVERLAP_S * 1000);
      for await (const page of events.ofUsers(since, USER_EVENTS))
        newest = await take(page.filter(isOfPassword).map(fromUser), newest);
      for await (const page of events.ofAdministrators(since))
        newest = await take(page.filter(succeeded).map(fromAdministrator), newest);
    } catch (error) {
      newest = cursor.until;
      throw error;
    } finally {
      await database.query(END_TURN, [realm, newest, cursor.lease]);
    }
  };
}

/** The first turn begins now: nobody was here before. */
const TAKE_TURN = `
  INSERT INTO identity."KeycloakEventCursor" AS cursor (name, read_until, leased_until)
  VALUES ($1, now(), now() + make_interval(secs => $2))
  ON CONFLICT (name) DO UPDATE SET leased_until = excluded.leased_until WHERE cursor.leased_until < now()
  RETURNING (extract(epoch FROM read_until) * 1000)::double precision AS until, leased_until::text AS lease`;

/** Whose lease ran out meanwhile leaves the cursor to whoever has it. */
const END_TURN = `
  UPDATE identity."KeycloakEventCursor" SET read_until = to_timestamp($2 / 1000.0), leased_until = now() - interval '1 ms'
  WHERE name = $1 AND leased_until = $3::timestamptz`;

const isOfPassword = ({ type, details }: StoredUserEvent): boolean =>
  type !== 'UPDATE_CREDENTIAL' || details?.credential_type === 'password';

const succeeded = ({ error }: StoredAdminEvent): boolean => error === undefined;

const fromUser = ({ id, time, type, userId, sessionId, details }: StoredUserEvent): News => ({
  id,
  at: time,
  type,
  userId,
  sessionId: sessionId ?? (typeof details?.code_id === 'string' ? details.code_id : undefined),
});

const fromAdministrator = (event: StoredAdminEvent): News => ({
  id: event.id,
  at: event.time,
  type: `ADMIN.${event.operationType}`,
  path: event.resourcePath,
  actorId: event.authDetails.userId,
});
