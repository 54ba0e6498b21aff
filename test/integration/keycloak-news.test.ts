import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_SERVICE } from '../../embedded/demo-data.js';
import { testParts } from '../parts.js';
import { eventsOf } from '../support/audit.js';
import {
  atReplica,
  createApp,
  createBrowser,
  location,
  loginUrl,
  passKeycloak,
  queryOf,
  redeem,
} from '../support/browser.js';
import { type Answer, BASE, bearer, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { textsTo } from '../support/inbox.js';
import { outboxOf } from '../support/keycloak-outbox.js';
import {
  eventsAbout,
  type OpenedSession,
  openSession,
  refresh,
  sidOf,
  startListening,
  statusOf,
  type TestService,
  untilHandled,
  untilOut,
  untilTriedInVain,
  whoAmI,
} from '../support/news.js';
import { admin, createPerson, realm, type TestPerson } from '../support/people.js';
import { formAction, postPage, stayInKeycloak } from '../support/registration.js';
import { startService } from '../support/service.js';
import { basic } from '../support/services.js';
import { until } from '../support/until.js';

let service: TestService;
beforeAll(async () => {
  service = await startListening();
});
afterAll(() => service.stop());

const ROLE_OF_KEYCLOAK = `SELECT FROM public."PolicyDefinition" WHERE origin = 'keycloak' AND subject_id = $1`;
const password = (value: string) => ({ type: 'password', value, temporary: false });
/** What an administrator does in the console, by the interface that the console uses. */
const ACTIONS: [string, (person: TestPerson, session: OpenedSession) => Promise<string>][] = [
  [
    'disables a person',
    async ({ keycloakId: id }) => {
      await (await admin()).users.update({ realm: realm(), id }, { enabled: false });
      return `users/${id}`;
    },
  ],
  [
    'deletes a person',
    async ({ keycloakId: id }) => {
      await (await admin()).users.del({ realm: realm(), id });
      return `users/${id}`;
    },
  ],
  [
    'resets a password',
    async ({ keycloakId: id }) => {
      const credential = password('Another-horse-8');
      await (await admin()).users.resetPassword({ realm: realm(), id, credential });
      return `users/${id}/reset-password`;
    },
  ],
  [
    'ends a session',
    async (_person, session) => {
      const sid = await sidOf(session);
      await (await admin()).realms.deleteSession({ realm: realm(), session: sid, isOffline: false });
      return `sessions/${sid}`;
    },
  ],
  [
    'signs a person out',
    async ({ keycloakId: id }) => {
      await (await admin()).users.logout({ realm: realm(), id });
      return `users/${id}/logout`;
    },
  ],
  [
    'signs everybody out',
    async () => {
      await (await admin()).realms.logoutAll({ realm: realm() });
      return 'logout-all';
    },
  ],
];

describe('what an administrator does in the console ends tokens and refresh (S9, D5)', () => {
  test.each([...ACTIONS])('at once: who %s', async (_what, act) => {
    const person = await createPerson();
    const session = await openSession(service, person);
    await act(person, session);
    await untilOut(service, session);
  });

  test.each([...ACTIONS])('and when the service was away and is back: who %s', async (_what, act) => {
    const person = await createPerson();
    const session = await openSession(service, person);
    await service.stop();
    try {
      await untilTriedInVain(await act(person, session));
    } finally {
      service = await startListening();
    }
    await untilOut(service, session);
  });
});

describe('a person', () => {
  test('who is disabled has no session in Keycloak either, and is let in again when enabled (S9)', async () => {
    const person = await createPerson();
    const session = await openSession(service, person);
    const { users } = await admin();
    const self = { realm: realm(), id: person.keycloakId };
    await users.update(self, { enabled: false });
    await untilOut(service, session);
    expect(await statusOf(session.userId)).toBe('DISABLED');
    await until('Keycloak kept it', async () => (await users.listSessions(self)).length === 0);
    await users.update(self, { enabled: true });
    await until('not enabled', async () => (await statusOf(session.userId)) === 'ACTIVE');
    expect((await signIn(service, person)).status).toBe(200);
    const acts = (await eventsOf(service.infrastructure.database, session.userId)).map(
      ({ action }) => action,
    );
    expect(acts.filter((action) => action.startsWith('user.'))).toEqual([
      'user.created',
      'user.disabled',
      'user.enabled',
    ]);
  });

  test('whom the platform has suspended stays so, whatever Keycloak says', async () => {
    const person = await createPerson();
    const { userId } = await openSession(service, person);
    await sql(`UPDATE identity."User" SET status = 'SUSPENDED' WHERE id = $1`, [userId]);
    const self = { realm: realm(), id: person.keycloakId };
    await (await admin()).users.update(self, { enabled: false });
    await (await admin()).users.update(self, { enabled: true });
    await untilHandled(`users/${person.keycloakId}`, 2);
    expect(await statusOf(userId)).toBe('SUSPENDED');
  });

  test('is looked after by the server’s rights alone, where the worker is a process of its own (D9)', async () => {
    const person = await createPerson();
    const session = await openSession(service, person);
    await service.stop();
    const server = await startService({
      IDENTITY_INTERNAL_PORT: String(testParts().service.internalPort),
      DATABASE_URL: `${testParts().postgres.appUrl}?options=${encodeURIComponent('-c role=nx_app')}`,
    });
    try {
      const { users, roles } = await admin();
      const role = await roles.findOneByName({ realm: realm(), name: 'platform-admin' });
      const self = { realm: realm(), id: person.keycloakId };
      await users.addRealmRoleMappings({ ...self, roles: [{ id: role?.id ?? '', name: 'platform-admin' }] });
      await until('no role', async () => (await sql(ROLE_OF_KEYCLOAK, [session.userId])).length > 0);
      await users.resetPassword({ ...self, credential: password('Another-horse-8') });
      await untilOut(server, session);
      await users.del(self);
      await until('not gone', async () => (await statusOf(session.userId)) === 'DELETED');
      expect(await sql(ROLE_OF_KEYCLOAK, [session.userId])).toEqual([]);
    } finally {
      await server.stop();
      service = await startListening();
    }
  });

  test('who is deleted holds nothing any more: the address is free (S4)', async () => {
    const person = await createPerson();
    const session = await openSession(service, person);
    const held = () => sql('SELECT FROM identity."Identifier" WHERE value = $1', [person.email]);
    expect(await held()).toHaveLength(1);
    await (await admin()).users.del({ realm: realm(), id: person.keycloakId });
    await untilOut(service, session);
    expect([await statusOf(session.userId), await held()]).toEqual(['DELETED', []]);
  });

  test('who sets a new password on Keycloak’s page keeps the session of that visit, and no other (S9)', async () => {
    const person = await createPerson();
    const old = await openSession(service, person);
    const { users } = await admin();
    await users.update({ realm: realm(), id: person.keycloakId }, { requiredActions: ['UPDATE_PASSWORD'] });
    await until('the change waits', async () => (await eventsAbout(`users/${person.keycloakId}`)).length > 0);
    const [browser, app] = [createBrowser(), createApp()];
    const started = await browser.visit(loginUrl(service, app.query));
    const { url } = testParts().keycloak;
    const next = await passKeycloak(browser, location(started).href, person);
    const page = await stayInKeycloak(browser, await browser.visit(next), url);
    const fields = { 'password-new': 'Another-horse-8', 'password-confirm': 'Another-horse-8' };
    const done = await stayInKeycloak(browser, await postPage(browser, formAction(page), fields), url);
    const back = await browser.visit(atReplica(service, location(done).href));
    const { body } = await redeem(service, app, queryOf(back).code ?? '');
    await untilOut(service, old);
    await until('not told', async () => {
      const events = await eventsAbout(person.keycloakId);
      return events.some(({ type, handled_at }) => type === 'UPDATE_CREDENTIAL' && handled_at !== null);
    });
    expect((await whoAmI(service, { accessToken: body.access_token })).status).toBe(200);
    expect(await users.listSessions({ realm: realm(), id: person.keycloakId })).toHaveLength(1);
  });

  test('is told of a new password that an administrator has set, once, and the trail has it (S11)', async () => {
    const person = await createPerson();
    const { userId } = await openSession(service, person);
    const path = `users/${person.keycloakId}/reset-password`;
    const credential = password('Another-horse-8');
    await (await admin()).users.resetPassword({ realm: realm(), id: person.keycloakId, credential });
    const [event] = await untilHandled(path);
    // As after a kill between the act and its note.
    await sql('UPDATE identity."KeycloakEvent" SET handled_at = NULL, due_at = now() WHERE id = $1', [
      event?.id,
    ]);
    await untilHandled(path);
    const [text] = await textsTo(service, person.email, 1);
    expect(text).toContain('/auth/not-me?token=');
    const acts = await eventsOf(service.infrastructure.database, userId);
    expect(acts.filter(({ action }) => action === 'user.password_changed')).toHaveLength(1);
  });
});

describe('news', () => {
  const bridge = () => basic('keycloak-bridge', testParts().keycloak.bridgeSecret);
  const bring = (events: object[], as = bridge()): Promise<Answer> =>
    post(`${service.internalUrl}/keycloak/events`, { events }, as);
  const newsOf = (path: string, extra: object = {}) => ({
    id: randomUUID(),
    realm: realm(),
    at: Date.now(),
    type: 'ADMIN.ACTION',
    path,
    ...extra,
  });
  const outcome = ({ status, body }: Answer) => [status, body?.code];

  test('of what our own account did is not acted on again: who changes the password stays, the others are out (D5)', async () => {
    const person = await createPerson();
    const [caller, other] = [await openSession(service, person), await openSession(service, person)];
    const change = { currentPassword: person.password, newPassword: 'Another-horse-8' };
    const url = `${service.url}${BASE}/auth/change-password`;
    expect((await post(url, change, bearer(caller.accessToken))).status).toBe(204);
    await untilHandled(`users/${person.keycloakId}/reset-password`);
    expect((await refresh(service, other)).status).toBe(401);
    expect((await refresh(service, caller)).status).toBe(200);
  });

  test('that comes late ends what stood then, and nothing that began since (D5)', async () => {
    const person = await createPerson();
    const session = await openSession(service, person);
    const path = `users/${person.keycloakId}/reset-password`;
    await bring([newsOf(path, { at: Date.now() - 60_000 })]);
    await untilHandled(path);
    expect((await whoAmI(service, session)).status).toBe(200);
  });

  test('is written down once, however often it comes, and an end by two ways is one (D5)', async () => {
    const person = await createPerson();
    const session = await openSession(service, person);
    const news = newsOf(`users/${person.keycloakId}/logout`, { at: Date.now() + 1000 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => bring([news])));
    expect(answers.map(({ status, body }) => [status, body])).toEqual(answers.map(() => [202, { taken: 1 }]));
    await untilOut(service, session);
    expect(await eventsAbout(news.path)).toHaveLength(1);
    await bring([newsOf(`sessions/${await sidOf(session)}`, { type: 'ADMIN.DELETE' })]);
    await untilHandled(`sessions/${await sidOf(session)}`);
    const ends = (await eventsOf(service.infrastructure.database, session.userId)).filter(
      ({ action }) => action === 'session.ended',
    );
    expect(ends).toHaveLength(1);
  });

  test('of another realm, or of nothing that is ours, is taken and forgotten', async () => {
    const id = randomUUID();
    const foreign = newsOf(`users/${id}`, { realm: 'another' });
    const nothing = newsOf(`users/${id}/execute-actions-email`);
    const answer = await bring([foreign, nothing]);
    expect([answer.status, answer.body]).toEqual([202, { taken: 0 }]);
    expect(await eventsAbout(`users/${id}`)).toEqual([]);
  });

  test('holds ids alone: nobody’s data leave Keycloak by it (X3)', async () => {
    const person = await createPerson();
    await service.stop();
    try {
      const self = { realm: realm(), id: person.keycloakId };
      await (await admin()).users.update(self, { firstName: 'Canary', email: person.email });
      await untilTriedInVain(`users/${person.keycloakId}`);
      const waiting = (await outboxOf('nx-events')).map(({ payload }) => payload).join();
      for (const canary of ['Canary', person.email]) expect(waiting).not.toContain(canary);
    } finally {
      service = await startListening();
    }
  });

  test.each<[string, object]>([
    ['without an id', { id: '' }],
    ['with a time before time', { at: -1 }],
    ['with a body of its own', { representation: '{}' }],
    ['with a path of a kilobyte', { path: 'x'.repeat(1024) }],
  ])('%s is refused (hostile input)', async (_what, extra) => {
    expect(outcome(await bring([newsOf('users/x', extra)]))).toEqual([422, 'request.validation_failed']);
  });

  test('is the bridge’s alone to bring (P7)', async () => {
    const sale = basic(DEMO_SERVICE.name, DEMO_SERVICE.secret);
    expect(outcome(await bring([], sale))).toEqual([403, 'service.call_not_granted']);
  });
});
