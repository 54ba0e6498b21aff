import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { createRedis } from '../../src/redis/redis.js';
import { whenReady } from '../../src/redis/when-ready.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { testParts } from '../parts.js';
import { databaseAs, eventsOf } from '../support/audit.js';
import { BASE, bearer, call, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { forgetMessages, messageRow, otpSms, startPromising } from '../support/messages.js';
import { ops } from '../support/operations.js';
import { admin, createPerson, realm, type TestPerson } from '../support/people.js';
import { createPhonePerson, newPhone, requestCode } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let database: Database;
beforeAll(async () => {
  service = await startService();
  database = databaseAs('nx_app');
});
afterAll(async () => {
  await service?.stop();
  await database?.close();
});

async function arrived(person: TestPerson) {
  const { body } = await signIn(service, person);
  return { ...person, id: body.user.id as string, auth: bearer(body.accessToken), sessionId: body.sessionId };
}
const isAlive = async (auth: Record<string, string>) =>
  (await call(`${service.url}${BASE}/auth/who-am-i`, { headers: auth })).status === 200;
const actsOn = async (id: string) =>
  (await eventsOf(database, id)).map(({ action, actor, after }) => ({ action, actor: actor.id, after }));

describe('ops user', () => {
  test('shows a person by id or e-mail address, identifiers masked unless asked for (R5, P12)', async () => {
    const person = await arrived(await createPerson());
    const byId = await ops(['user', person.id, '--as', 'Ngân']);
    expect(byId.code).toBe(0);
    expect(byId.text).toMatch(new RegExp(`^user ${person.id}  ACTIVE`));
    expect(byId.text).toContain(person.sessionId);
    expect(byId.text).toContain('010_user');
    expect(byId.text).not.toContain(person.email);
    expect(byId.text).not.toContain('127.0.0.1');
    const byEmail = await ops(['user', person.email.toUpperCase(), '--unmasked']);
    expect(byEmail.text).toContain(`${person.email} (proven)`);
    const seen = (await actsOn(person.id)).filter(({ action }) => action === 'user.read');
    expect(seen).toEqual([
      {
        action: 'user.read',
        actor: 'operations',
        after: { unmasked: false, operator: expect.stringMatching(/^Ngân \(.+\)$/) },
      },
      {
        action: 'user.read',
        actor: 'operations',
        after: { unmasked: true, operator: expect.not.stringContaining('Ngân') },
      },
    ]);
  });

  test('finds by a proven phone number however it is written, and somebody suspended too', async () => {
    const { phone, userId: id } = await createPhonePerson();
    await sql(`UPDATE identity."User" SET status = 'SUSPENDED' WHERE id = $1`, [id]);
    const { code, text } = await ops(['user', `0${phone.slice(3)}`]);
    expect(code).toBe(0);
    expect(text).toContain(`user ${id}  SUSPENDED`);
    expect(text).not.toContain(phone);
  });

  test.each(['user', 'policies', 'end-sessions'])(
    '%s says so and fails for somebody whom nobody knows',
    async (command) => {
      const { code, text } = await ops([command, 'nobody-at-all@example.test']);
      expect([code, text.startsWith('Not done:')]).toEqual([1, true]);
    },
  );
});

describe('ops policies', () => {
  test('shows what a person may do, by the index that answers sisters (P2)', async () => {
    const owner = await ops(['policies', 'owner@demo.test']);
    expect(owner.code).toBe(0);
    expect(owner.text).toMatch(/organizers {2}\d+/);
    expect(owner.text).toMatch(/^ {4}Organizer_\d+ {2}customer {2}.*create.*/m);
  });
});

describe('ops end-sessions', () => {
  test('ends every session of a person, in Keycloak too, and nobody else’s (S8)', async () => {
    const person = await arrived(await createPerson());
    const other = await arrived(await createPerson());
    const { code, text } = await ops(['end-sessions', person.id]);
    expect([code, text]).toEqual([0, expect.stringContaining(`user ${person.id}: 1 open`)]);
    expect([await isAlive(person.auth), await isAlive(other.auth)]).toEqual([false, true]);
    const left = await (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId });
    expect(left).toEqual([]);
    expect(await actsOn(person.id)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          action: 'user.sessions_ended',
          actor: 'operations',
          after: expect.objectContaining({ open: 1 }),
        }),
        expect.objectContaining({
          action: 'session.ended',
          actor: 'operations',
          after: expect.objectContaining({ reason: 'ended_by_admin' }),
        }),
      ]),
    );
  });
});

describe('ops lift-otp', () => {
  test('lifts a lock wholly, for everybody and known devices, and names nobody in clear (O4, X1)', async () => {
    const phone = newPhone();
    const redis = createRedis({
      urls: [testParts().redis.url],
      cluster: false,
      logger: createLogger({ level: 'silent' }),
    });
    await whenReady(redis, 2000);
    const asked = await requestCode(service, phone);
    expect(asked.status).toBe(202);
    const until = String(Date.now() + 900_000);
    await redis.hset(`phone-auth:lock:${phone}`, { anyone: until, 'device:one': until });
    expect((await requestCode(service, phone)).body.code).toBe('otp.locked');
    const { code } = await ops(['lift-otp', 'phone-auth', `0${phone.slice(3)}`]);
    expect([code, await redis.exists(`phone-auth:lock:${phone}`)]).toEqual([0, 0]);
    expect((await requestCode(service, phone)).body.code).not.toBe('otp.locked');
    const [act] = (await actsOn('phone-auth')).slice(-1);
    expect(act).toMatchObject({
      action: 'otp.lock_lifted',
      after: { namespace: 'phone-auth', scheme: 'phone' },
    });
    expect(JSON.stringify(await sql('SELECT * FROM identity."AuditEvent"'))).not.toContain(phone);
    redis.disconnect();
  });

  test('fails where there is no lock, and writes nothing down', async () => {
    const before = (await actsOn('forgot-password')).length;
    const { code, text } = await ops(['lift-otp', 'forgot-password', newPhone()]);
    expect([code, text]).toEqual([1, 'Not done: there is no such lock.']);
    expect((await actsOn('forgot-password')).length).toBe(before);
  });
});

describe('ops replay', () => {
  const dead = `UPDATE identity."Message" SET status = 'dead', finished_at = now(), error_class = 'test' WHERE id = $1`;

  test('promises dead messages again, one or all, and leaves those that are too late (M3, P12)', async () => {
    await forgetMessages();
    const messages = startPromising();
    const [one, other, late, waiting] = await Promise.all([1, 2, 3, 4].map(() => messages.promise(otpSms())));
    for (const id of [one, other, late]) await sql(dead, [id]);
    await sql('UPDATE identity."Message" SET deadline_at = now() WHERE id = $1', [late]);
    expect((await ops(['replay', one as string])).code).toBe(0);
    expect((await ops(['replay', waiting as string])).text).toContain('message.not_dead');
    const all = await ops(['replay', '--all-dead']);
    expect([all.code, all.text]).toEqual([
      0,
      'Promised again: 1 messages. Left as they are, being too late: 1.',
    ]);
    expect((await messageRow(other as string)).status).not.toBe('dead');
    expect(await actsOn(other as string)).toEqual([
      expect.objectContaining({ action: 'message.replayed', actor: 'operations' }),
    ]);
    expect((await ops(['replay', '--all-dead'])).code).toBe(1);
    await messages.close();
    await forgetMessages();
  });
});
