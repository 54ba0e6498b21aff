import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { z } from 'zod';
import { guarded } from './admin-client.js';

/** An event as Keycloak's own table keeps it, by the names of its admin interface. */
const userEvent = z.object({
  id: z.string(),
  time: z.number(),
  type: z.string(),
  userId: z.string().optional(),
  sessionId: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});
const adminEvent = z.object({
  id: z.string(),
  time: z.number(),
  operationType: z.string(),
  resourcePath: z.string(),
  error: z.string().optional(),
  authDetails: z.object({ userId: z.string().optional() }).default({}),
});

export type StoredUserEvent = z.infer<typeof userEvent>;
export type StoredAdminEvent = z.infer<typeof adminEvent>;

export interface StoredEvents {
  /** Successful ones of these types since then (milliseconds since 1970), in pages, the oldest first. */
  ofUsers(since: number, types: readonly string[]): AsyncGenerator<StoredUserEvent[]>;
  ofAdministrators(since: number): AsyncGenerator<StoredAdminEvent[]>;
}

const PAGE = 100;

/**
 * Keycloak's events, as far as it keeps them (`eventsExpiration`). It pages by offset, so what is committed meanwhile
 * may shift a page: read a while back each time.
 * @throws Problem `keycloak.unavailable` (503) from each step
 */
export function createStoredEvents(client: KcAdminClient, realm: string): StoredEvents {
  async function* pages<Item>(
    read: (range: object) => Promise<unknown[]>,
    item: z.ZodType<Item>,
  ): AsyncGenerator<Item[]> {
    for (let first = 0; ; first += PAGE) {
      const page = await guarded(() => read({ first, max: PAGE, direction: 'asc' }));
      // What has no path, say, is about nobody.
      yield page.flatMap((event) => item.safeParse(event).data ?? []);
      if (page.length < PAGE) return;
    }
  }
  type UserQuery = NonNullable<Parameters<typeof client.realms.findEvents>[0]>;
  type AdminQuery = NonNullable<Parameters<typeof client.realms.findAdminEvents>[0]>;
  // The client's types know neither milliseconds nor the direction.
  const query = (since: number, range: object) => ({ realm, dateFrom: String(since), ...range }) as unknown;
  return {
    ofUsers: (since, types) =>
      pages(
        (range) => client.realms.findEvents(query(since, { ...range, type: types }) as UserQuery),
        userEvent,
      ),
    ofAdministrators: (since) =>
      pages((range) => client.realms.findAdminEvents(query(since, range) as AdminQuery), adminEvent),
  };
}
