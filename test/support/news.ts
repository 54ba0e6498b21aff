import { expect } from '@jest/globals';
import { testParts } from '../parts.js';
import { type Answer, BASE, bearer, call, post, signIn } from './call.js';
import { sql } from './database.js';
import { outboxOf } from './keycloak-outbox.js';
import type { TestPerson } from './people.js';
import { startService, type TestService } from './service.js';
import { statusOf as placeOf, statusAt } from './status-lists.js';
import { until } from './until.js';

export type { TestService } from './service.js';

/**
 * A service that the bridge reaches and Keycloak's logout tokens do not: what ends, ends by events. It asks Keycloak
 * for nothing by itself while a test lasts.
 */
export const startListening = (overrides: Record<string, string> = {}): Promise<TestService> =>
  startService(
    { IDENTITY_INTERNAL_PORT: String(testParts().service.internalPort), ...overrides },
    { worker: true },
  );

export interface OpenedSession {
  sessionId: string;
  userId: string;
  accessToken: string;
  refreshToken: string;
}

export async function openSession(
  service: TestService,
  person: Pick<TestPerson, 'email' | 'password'>,
): Promise<OpenedSession> {
  const { status, body } = await signIn(service, person);
  expect(status).toBe(200);
  const { sessionId, accessToken, refreshToken } = body;
  return { sessionId, userId: body.user.id, accessToken, refreshToken };
}

export const refresh = (service: TestService, { refreshToken }: Pick<OpenedSession, 'refreshToken'>) =>
  post(`${service.url}${BASE}/auth/refresh`, { refreshToken });

export const whoAmI = (
  service: TestService,
  { accessToken }: Pick<OpenedSession, 'accessToken'>,
): Promise<Answer> => call(`${service.url}${BASE}/auth/who-am-i`, { headers: bearer(accessToken) });

/** Waits until the session is over for its token and in its status list, and sees that a refresh is refused too. */
export async function untilOut(service: TestService, session: OpenedSession): Promise<void> {
  await until('the session lives on', async () => (await whoAmI(service, session)).status === 401);
  expect((await refresh(service, session)).status).toBe(401);
  const place = placeOf(session.accessToken);
  await until('no status list shows it', async () => (await statusAt(service, place)) === 1);
}

export const sidOf = async ({ sessionId }: OpenedSession): Promise<string> => {
  const [row] = await sql<{ keycloak_sid: string }>(
    'SELECT keycloak_sid FROM identity."AuthSession" WHERE id = $1',
    [sessionId],
  );
  return row?.keycloak_sid ?? '';
};

export interface EventRow {
  id: string;
  type: string;
  path: string | null;
  keycloak_user_id: string | null;
  tries: number;
  handled_at: Date | null;
}

/** What the service has been told of this, such as `users/<id>/reset-password`, the newest first. */
export const eventsAbout = (path: string): Promise<EventRow[]> =>
  sql<EventRow & Record<string, unknown>>(
    'SELECT * FROM identity."KeycloakEvent" WHERE path = $1 OR keycloak_user_id = $1 ORDER BY received_at DESC',
    [path],
  );

/** Waits until everything of this that the service was told is acted on. */
export const untilHandled = (path: string, atLeast = 1): Promise<EventRow[]> =>
  until(`not acted on: ${path}`, async () => {
    const events = await eventsAbout(path);
    return events.length >= atLeast && events.every(({ handled_at }) => handled_at !== null) && events;
  });

/** Waits until Keycloak has tried, in vain, to tell of this. */
export const untilTriedInVain = (path: string): Promise<unknown> =>
  until('no try was made', async () =>
    (await outboxOf('nx-events')).some(
      (row) => row.attempts > 0 && (JSON.parse(row.payload) as { path?: string }).path === path,
    ),
  );

export const statusOf = async (userId: string): Promise<string> => {
  const [row] = await sql<{ status: string }>('SELECT status FROM identity."User" WHERE id = $1', [userId]);
  return row?.status ?? '';
};
