import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createRecordRepair } from '../../src/administration/realm/record-repair.js';
import type { Database } from '../../src/database/database.js';
import { createSealedText } from '../../src/database/sealed-text.js';
import { createOpenSession } from '../../src/sessions/index.js';
import { createStatusPlaces } from '../../src/tokens/index.js';
import { auditKey, entryOf, eventsOf, openTrail, stored, visitor } from '../support/audit.js';
import { BASE, bearer, call, post, postForm, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { admin, createPerson, realm } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { basic, createService } from '../support/services.js';

let service: TestService;
let database: Database;
beforeAll(async () => {
  service = await startService({ IDENTITY_REFRESH_GRACE_S: '10', IDENTITY_TRUSTED_HOPS: '1' });
  database = service.infrastructure.database;
});
afterAll(() => service.stop());

const from = (address: string, requestId: string) => ({
  'x-forwarded-for': address,
  'user-agent': `Agent of ${address}`,
  'x-request-id': requestId,
});

async function arrived() {
  const requestId = randomUUID();
  const person = await createPerson();
  const answer = await signIn(service, person, { headers: from('198.51.100.20', requestId) });
  expect(answer.status).toBe(200);
  return { person, requestId, userId: answer.body.user.id as string, ...answer.body };
}
const latest = async (userId: string) => (await eventsOf(database, userId)).at(-1);
const actions = async (userId: string) => (await eventsOf(database, userId)).map(({ action }) => action);

describe('who did what to whom, when and from where (P12)', () => {
  test('a first sign-in: the person made, the role given, the session opened', async () => {
    const { userId, requestId, sessionId, person } = await arrived();
    const who = { type: 'user', id: userId };
    const where = { address: '198.51.100.20', agent: 'Agent of 198.51.100.20' };
    const common = { subject: who, requestId, count: 1, tenantId: null, before: null };
    expect(await eventsOf(database, userId)).toMatchObject([
      {
        ...common,
        action: 'user.created',
        actor: who,
        personal: { ...where, email: person.email, displayName: expect.any(String) },
      },
      {
        ...common,
        action: 'role.assigned',
        actor: { type: 'system', id: 'default-role' },
        after: { role: '010_user' },
      },
      {
        ...common,
        action: 'session.opened',
        actor: who,
        after: { sessionId, clientId: 'nx-api', via: 'password' },
        personal: where,
      },
    ]);
  });

  test('what was changed of a person in Keycloak, when it is copied; and nothing when nothing was', async () => {
    const { userId, person } = await arrived();
    const id = person.keycloakId;
    await (await admin()).users.update({ realm: realm(), id }, { lastName: 'Renamed' });
    for (const _visit of [1, 2]) expect((await signIn(service, person)).status).toBe(200);
    const updates = (await eventsOf(database, userId)).filter(({ action }) => action === 'user.updated');
    expect(updates).toMatchObject([
      {
        actor: { type: 'system', id: 'keycloak' },
        after: { changed: ['displayName'] },
        personal: {
          'before.displayName': expect.stringMatching(/^Test [0-9a-f]+$/),
          'after.displayName': 'Test Renamed',
        },
      },
    ]);
  });

  test('a refresh without incident is no act; a reused token is, and ends the session', async () => {
    const { userId, sessionId, refreshToken } = await arrived();
    const refresh = (token: string, headers = {}) =>
      post(`${service.url}${BASE}/auth/refresh`, { refreshToken: token }, headers);
    const second = (await refresh(refreshToken)).body.refreshToken;
    expect((await refresh(second)).status).toBe(200);
    expect(await actions(userId)).toEqual(['user.created', 'role.assigned', 'session.opened']);
    expect((await refresh(refreshToken, from('203.0.113.66', 'request-of-a-thief'))).status).toBe(401);
    const common = {
      actor: { type: 'anonymous', id: null },
      requestId: 'request-of-a-thief',
      personal: { address: '203.0.113.66' },
    };
    expect((await eventsOf(database, userId)).slice(3)).toMatchObject([
      { ...common, action: 'session.refresh_reused', after: { sessionId, generation: 0 } },
      { ...common, action: 'session.ended', after: { sessionId, reason: 'refresh_token_reused' } },
    ]);
  });

  test('a sign-out, and every session that a sign-out-all ends', async () => {
    const { userId, sessionId, accessToken, person } = await arrived();
    await post(`${service.url}${BASE}/auth/sign-out`, {}, bearer(accessToken));
    expect(await latest(userId)).toMatchObject({
      actor: { type: 'user', id: userId },
      action: 'session.ended',
      after: { sessionId, reason: 'signed_out' },
    });
    const sessions = [await signIn(service, person), await signIn(service, person)].map(({ body }) => body);
    await post(`${service.url}${BASE}/auth/sign-out-all`, {}, bearer(sessions[0].accessToken));
    const ended = (await eventsOf(database, userId)).slice(-2);
    expect(ended.map(({ after }) => after)).toEqual(
      expect.arrayContaining(
        sessions.map((each) => ({ sessionId: each.sessionId, reason: 'signed_out_everywhere' })),
      ),
    );
  });

  test('what Keycloak ended, found at a check', async () => {
    const { userId, sessionId, refreshToken, person } = await arrived();
    await (await admin()).users.logout({ realm: realm(), id: person.keycloakId });
    await sql(
      `UPDATE identity."AuthSession" SET keycloak_checked_at = now() - interval '1 hour' WHERE id = $1`,
      [sessionId],
    );
    await post(`${service.url}${BASE}/auth/refresh`, { refreshToken });
    const ends = (await eventsOf(database, userId)).filter(({ action }) => action === 'session.ended');
    expect(ends).toMatchObject([
      { actor: { type: 'system', id: 'keycloak' }, after: { sessionId, reason: 'keycloak_ended' } },
    ]);
  });

  test('a system token', async () => {
    const own = await createService();
    const form = { grant_type: 'client_credentials' };
    const direct = await startService();
    try {
      const headers = basic(own.name, own.credential.secret);
      const answer = await postForm(`${direct.url}${BASE}/auth/token`, form, headers);
      expect(decodeJwt(answer.body.access_token).sub).toBe(`service:${own.name}`);
    } finally {
      await direct.stop();
    }
    const who = { type: 'service', id: own.id };
    expect(await eventsOf(database, own.id)).toMatchObject([
      { actor: who, subject: who, action: 'token.issued', after: { name: own.name, audience: own.name } },
    ]);
  });

  test("a repair of the realm by the job, as the schema's owner", async () => {
    const name = `realm-${randomUUID()}`;
    await createRecordRepair(database)(name, { path: 'failureFactor', from: '99', to: '10' });
    expect(await eventsOf(database, name)).toMatchObject([
      {
        actor: { type: 'system', id: 'migrate' },
        action: 'realm.repaired',
        before: { path: 'failureFactor', value: '99' },
        after: { path: 'failureFactor', value: '10' },
        personal: null,
      },
    ]);
  });
});

test('an act that is rolled back leaves no row (P12)', async () => {
  const userId = `user-${randomUUID()}`;
  const { audit } = openTrail(database);
  const failing = database.transaction(async (one) => {
    await audit.record(one, entryOf(userId));
    throw new Error('rolled back');
  });
  await expect(failing).rejects.toThrow('rolled back');
  expect(await eventsOf(database, userId)).toEqual([]);
});

test('a session that is not opened, or that an exchange joins, leaves no row: act and record are one statement (P12)', async () => {
  const { userId } = await arrived();
  const { audit } = openTrail(database);
  const sealed = createSealedText(auditKey());
  const places = createStatusPlaces({ database, monotonicNow: () => 0 });
  const openSession = createOpenSession({ database, audit, sealed, places, absoluteTtlS: 600 });
  const keycloakSid = randomUUID();
  const open = () =>
    openSession({
      id: randomUUID(),
      keycloakSid,
      userId,
      clientId: 'nx-api',
      origin: 'exchange',
      via: 'exchange',
      visitor,
      amr: [],
      acr: null,
      authTime: 0,
      keycloakRefreshToken: null,
    });
  const opened = async () =>
    (await eventsOf(database, userId)).filter(({ after }) => after?.via === 'exchange').length;
  const first = await open();
  expect([await opened(), (await open())?.id, await opened()]).toEqual([1, first?.id, 1]);
  await sql(`UPDATE identity."AuthSession" SET ended_at = now(), end_reason = 'signed_out' WHERE id = $1`, [
    first?.id,
  ]);
  expect([await open(), await opened()]).toEqual([undefined, 1]);
});

test('no secret and no personal value stands in the tables in clear (X1)', async () => {
  const canary = `canary-${randomUUID()}`;
  const person = await createPerson({ firstName: canary, attributes: { phoneNumber: ['+84909123456'] } });
  const headers = { ...from('198.51.100.77', randomUUID()), 'user-agent': canary };
  const { body } = await signIn(service, person, { headers });
  await signIn(service, { ...person, password: canary }, { headers });
  await call(`${service.internalUrl}/whoami`, { headers: basic(canary, canary) });
  await post(`${service.url}${BASE}/auth/sign-out`, {}, { ...bearer(body.accessToken), ...headers });
  const everything = await stored();
  for (const value of [canary, person.email, person.password, '198.51.100.77', '127.0.0.1', '+84909123456']) {
    expect(everything).not.toContain(value);
  }
  for (const token of [body.accessToken, body.refreshToken]) expect(everything).not.toContain(token);
});
