import { z } from 'zod';
import type { Database } from '../database/database.js';
import { defineRoute, type Route } from '../http/route.js';
import { INTERNAL } from '../services/index.js';
import { matterOf } from './news.js';
import type { AddNews } from './news-store.js';

const id = z.string().min(1).max(64);

const eventsBody = z.strictObject({
  events: z
    .array(
      z.strictObject({
        id,
        realm: z.string().max(255).describe('Its name; events of other realms are taken and forgotten'),
        at: z.int().min(0).describe("Milliseconds since 1970, by Keycloak's clock"),
        type: z.string().regex(/^[A-Z_.]{1,64}$/),
        userId: id.optional(),
        sessionId: z.string().min(1).max(128).optional(),
        path: z.string().min(1).max(512).optional(),
        actorId: id.optional(),
      }),
    )
    .max(100),
});

/**
 * `POST /internal/identity/keycloak/events`: what happened in Keycloak, brought by the bridge at least once, in any
 * order (D5). Answered once it is written down; acting on it follows at once, by whichever replica.
 */
export function eventsRoute(options: {
  database: Database;
  realm: string;
  addNews: AddNews;
  /** Wakes who acts on it, in this process. */
  onAdded: () => void;
}): Route {
  const { database, realm, addNews, onAdded } = options;
  return defineRoute({
    method: 'post',
    path: `${INTERNAL}/keycloak/events`,
    summary: 'What happened in Keycloak; the same id again is the same event',
    tag: 'internal',
    access: { service: 'keycloak.events' },
    body: eventsBody,
    responses: { 202: { description: 'Written down', schema: z.object({ taken: z.int() }) } },
    async handle({ body }) {
      const ours = body.events.flatMap(({ realm: where, ...news }) =>
        where === realm && matterOf(news) ? [news] : [],
      );
      await addNews(database, ours);
      if (ours.length > 0) onAdded();
      return { status: 202, body: { taken: ours.length } };
    },
  });
}
