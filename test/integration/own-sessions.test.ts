import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endIdle } from '../../src/sessions/index.js';
import { signInHosted } from '../support/browser.js';
import { BASE, bearer, call, post, signIn } from '../support/call.js';
import { sql, worker } from '../support/database.js';
import { admin, createPerson, realm, type TestPerson } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const ADMIN = { email: 'admin@demo.test', password: 'Demo-admin-1' };

let service: TestService;
let replica: TestService;
beforeAll(async () => {
  service = await startService();
  replica = await startService();
});
afterAll(() => Promise.all([service?.stop(), replica?.stop()]));

async function signedIn(person: { email: string; password: string }, agent = 'test') {
  const { body } = await signIn(service, person, { headers: { 'user-agent': agent } });
  return { ...body, auth: bearer(body.accessToken) };
}

const sessionsUrl = `${BASE}/auth/sessions`;
const list = async (auth: Record<string, string>) =>
  (await call(`${service.url}${sessionsUrl}`, { headers: auth })).body;
const end = (path: string, auth: Record<string, string>) =>
  call(`${service.url}${path}`, { method: 'DELETE', headers: auth });
const isAlive = async (auth: Record<string, string>) =>
  (await call(`${service.url}${BASE}/auth/who-am-i`, { headers: auth })).status === 200;
const inKeycloak = async ({ keycloakId }: TestPerson) =>
  (await (await admin()).users.listSessions({ realm: realm(), id: keycloakId })).length;

describe('a person (S12)', () => {
  test('sees their own open sessions and no others: device, address, when, and which is this one', async () => {
    const person = await createPerson();
    const here = await signedIn(person, CHROME);
    const there = await signedIn(person, 'nobody-knows <script>');
    await signedIn(await createPerson());
    const sessions = await list(here.auth);
    expect(sessions).toHaveLength(2);
    expect(sessions).toContainEqual({
      id: here.sessionId,
      clientId: 'nx-api',
      device: { name: 'Chrome on Windows', type: 'desktop' },
      address: '127.0.0.1',
      amr: ['pwd'],
      createdAt: expect.any(String),
      lastUsedAt: expect.any(String),
      expiresAt: expect.any(String),
      current: true,
    });
    const other = sessions.find(({ id }: { id: string }) => id === there.sessionId);
    expect(other.current).toBe(false);
    expect(JSON.stringify(other)).not.toContain('script');
  });

  test('ends another of their sessions, in Keycloak too; this one goes on', async () => {
    const person = await createPerson();
    const [here, there] = [await signedIn(person), await signedIn(person)];
    expect((await end(`${sessionsUrl}/${there.sessionId}`, here.auth)).status).toBe(204);
    expect([await isAlive(here.auth), await isAlive(there.auth)]).toEqual([true, false]);
    expect(await inKeycloak(person)).toBe(1);
    expect((await end(`${sessionsUrl}/${there.sessionId}`, here.auth)).status).toBe(404);
  });

  test('ends nobody else’s: their sessions are not there', async () => {
    const [own, others] = [await signedIn(await createPerson()), await signedIn(await createPerson())];
    expect((await end(`${sessionsUrl}/${others.sessionId}`, own.auth)).status).toBe(404);
    expect(await isAlive(others.auth)).toBe(true);
  });

  test('is told of no session that ended or was idle for too long', async () => {
    const person = await createPerson();
    const here = await signedIn(person);
    const [idle, over] = [await signedIn(person), await signedIn(person)];
    await age(idle.sessionId, 'refreshed_at', 5401);
    await age(idle.sessionId, 'keycloak_checked_at', 5401);
    await post(`${service.url}${BASE}/auth/sign-out`, {}, over.auth);
    expect((await list(here.auth)).map(({ id }: { id: string }) => id)).toEqual([here.sessionId]);
  });
});

const age = (sessionId: string, column: string, seconds: number) =>
  sql(`UPDATE identity."AuthSession" SET ${column} = ${column} - make_interval(secs => $2) WHERE id = $1`, [
    sessionId,
    seconds,
  ]);

describe('a platform administrator (S8)', () => {
  const userIdOf = async ({ keycloakId }: TestPerson) =>
    (await sql('SELECT id FROM identity."User" WHERE keycloak_id = $1', [keycloakId]))[0]?.id as string;

  test('sees anybody’s sessions, which the trail tells, and ends one or all', async () => {
    const { auth } = await signedIn(ADMIN);
    const person = await createPerson();
    const [one, two, three] = [await signedIn(person), await signedIn(person), await signedIn(person)];
    const userId = await userIdOf(person);
    const path = `${BASE}/users/${userId}/sessions`;
    const { body } = await call(`${service.url}${path}`, { headers: auth });
    expect(new Set(body.map(({ id }: { id: string }) => id))).toEqual(
      new Set([one, two, three].map(({ sessionId }) => sessionId)),
    );
    const trail = await sql(
      `SELECT FROM identity."AuditEvent" WHERE action = 'session.read' AND subject_id = $1`,
      [userId],
    );
    expect(trail).toHaveLength(1);
    expect((await end(`${path}/${one.sessionId}`, auth)).status).toBe(204);
    expect([await isAlive(one.auth), await isAlive(two.auth)]).toEqual([false, true]);
    expect((await end(path, auth)).status).toBe(204);
    expect([await isAlive(two.auth), await isAlive(three.auth)]).toEqual([false, false]);
    expect(await inKeycloak(person)).toBe(0);
  });

  test('finds no session of one person under another, and nobody under an unknown id', async () => {
    const { auth } = await signedIn(ADMIN);
    const [person, other] = [await createPerson(), await createPerson()];
    const { sessionId, auth: own } = await signedIn(person);
    await signedIn(other);
    const wrong = await end(`${BASE}/users/${await userIdOf(other)}/sessions/${sessionId}`, auth);
    expect([wrong.status, await isAlive(own)]).toEqual([404, true]);
    expect((await call(`${service.url}${BASE}/users/4711/sessions`, { headers: auth })).status).toBe(404);
    expect((await end(`${BASE}/users/4711/sessions`, auth)).status).toBe(404);
  });

  test('must be one: everybody else is refused before anything is looked for', async () => {
    const { auth } = await signedIn(await createPerson());
    for (const method of ['GET', 'DELETE']) {
      const { status } = await call(`${service.url}${BASE}/users/4711/sessions`, { method, headers: auth });
      expect(status).toBe(403);
    }
  });
});

describe('a session that is not used (S8)', () => {
  const refresh = (refreshToken: string) => post(`${service.url}${BASE}/auth/refresh`, { refreshToken });

  test('is refused a refresh after the idle time, and its answer said so', async () => {
    const { refreshToken, refreshExpiresIn, sessionId } = await signedIn(await createPerson());
    expect(refreshExpiresIn).toBeGreaterThan(5390);
    expect(refreshExpiresIn).toBeLessThanOrEqual(5400);
    await age(sessionId, 'refreshed_at', 5400);
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  test('is ended by the worker, in Keycloak too, and the trail says why', async () => {
    const { sessionId } = await signedIn(await createPerson());
    await age(sessionId, 'refreshed_at', 5400);
    await endIdle(worker, 5400);
    const [row] = await sql(
      'SELECT end_reason, keycloak_ended_at FROM identity."AuthSession" WHERE id = $1',
      [sessionId],
    );
    expect(row).toEqual({ end_reason: 'idle', keycloak_ended_at: null }); // the relay tells Keycloak
    const trail = await sql(
      `SELECT FROM identity."AuditEvent" WHERE action = 'session.ended' AND after->>'sessionId' = $1`,
      [sessionId],
    );
    expect(trail).toHaveLength(1);
  });

  test('takes no other app’s session along that stands on the same Keycloak session', async () => {
    const person = await createPerson();
    const { sessionId } = await signedIn(person);
    const { code } = await signInHosted(service, person);
    expect(code).toBeTruthy();
    const [hosted] = await sql<{ id: string }>(
      `SELECT session.id FROM identity."AuthSession" AS session JOIN identity."User" AS u ON u.id = session.user_id
       WHERE u.keycloak_id = $1 AND session.id <> $2`,
      [person.keycloakId, sessionId],
    );
    const same = 'SELECT keycloak_sid FROM identity."AuthSession" WHERE id = $2';
    await sql(`UPDATE identity."AuthSession" SET keycloak_sid = (${same}) WHERE id = $1`, [
      hosted?.id,
      sessionId,
    ]);
    await age(sessionId, 'refreshed_at', 5400);
    await endIdle(worker, 5400);
    const [row] = await sql(
      'SELECT keycloak_ended_at IS NULL AS relayed FROM identity."AuthSession" WHERE id = $1',
      [sessionId],
    );
    expect(row).toEqual({ relayed: false });
    const [other] = await sql('SELECT ended_at FROM identity."AuthSession" WHERE id = $1', [hosted?.id]);
    expect(other).toEqual({ ended_at: null });
  });
});

describe('Keycloak (D4)', () => {
  const asked = async () => {
    const figures = await Promise.all(
      [service, replica].map(async ({ metricsUrl }) => (await call(metricsUrl)).text),
    );
    const counts = figures.flatMap((text) => [
      ...text.matchAll(/_count\{[^}]*call="refresh_token"[^}]*\} (\d+)/g),
    ]);
    return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  };
  const refreshAt = (at: TestService, refreshToken: string) =>
    post(`${at.url}${BASE}/auth/refresh`, { refreshToken });

  test('is asked about a session once, however many refreshes on two replicas wait for it', async () => {
    const { refreshToken, sessionId } = await signedIn(await createPerson());
    await age(sessionId, 'keycloak_checked_at', 301);
    const before = await asked();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) => refreshAt(n % 2 ? service : replica, refreshToken)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await asked()) - before).toBe(1);
  });

  test('is asked again when the one who asked died with its answer', async () => {
    const { refreshToken, sessionId } = await signedIn(await createPerson());
    await age(sessionId, 'keycloak_checked_at', 301);
    await sql(
      `UPDATE identity."AuthSession" SET keycloak_asked_until = now() + interval '1 second' WHERE id = $1`,
      [sessionId],
    );
    expect((await refreshAt(service, refreshToken)).status).toBe(200);
    const [row] = await sql('SELECT keycloak_asked_until FROM identity."AuthSession" WHERE id = $1', [
      sessionId,
    ]);
    expect(row).toEqual({ keycloak_asked_until: null });
  });
});
