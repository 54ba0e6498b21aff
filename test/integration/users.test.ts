import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { newId } from '../support/branches.js';
import { BASE, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import {
  type Administration,
  administration,
  createShop,
  createSignedIn,
  refusal,
} from '../support/organizations.js';
import { admin as keycloakAdmin, realm } from '../support/people.js';
import { createPhonePerson } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const [demoAdmin] = DEMO_PEOPLE;
let service: TestService;
let admin: Administration;

beforeAll(async () => {
  service = await startService({}, { worker: true });
  admin = administration(service, (await signIn(service, demoAdmin)).body.accessToken);
});
afterAll(() => service.stop());

const isEnabled = async (keycloakId: string) =>
  (await (await keycloakAdmin()).users.findOne({ realm: realm(), id: keycloakId }))?.enabled;

describe('people', () => {
  test('are found by exactly what they have, in any spelling, and by pages (contract §5b)', async () => {
    const person = await createPhonePerson();
    const local = person.phone.replace('+84', '0');
    for (const query of [
      `email=${encodeURIComponent(person.email.toUpperCase())}`,
      `phone=${encodeURIComponent(local)}`,
      `username=${encodeURIComponent(person.email)}`,
    ]) {
      const { status, body } = await admin.get(`users?${query}`);
      expect([status, body.map(({ id }: { id: string }) => id)]).toEqual([200, [person.userId]]);
    }
    expect((await admin.get(`users/${person.userId}`)).body).toMatchObject({
      id: person.userId,
      email: person.email,
      phone: person.phone,
      status: 'ACTIVE',
    });
    expect((await admin.get(`users?email=${person.email.slice(1)}`)).body).toEqual([]);
    expect((await admin.get('users?email=a@b.test&phone=0901')).status).toBe(422);
    const first = await admin.get('users?limit=1');
    expect(first.headers.get('link')).toContain(`cursor=${first.body[0].id}`);
    expect((await admin.get(`users/${newId()}`)).status).toBe(404);
  });

  test('are shown to administrators of the platform alone, and the trail tells of it (P12)', async () => {
    const { owner } = await createShop(service);
    const person = await createSignedIn(service);
    for (const answer of [
      await owner.api.get('users'),
      await owner.api.get(`users/${person.userId}`),
      await owner.api.patch(`users/${person.userId}`, { status: 'SUSPENDED' }),
    ])
      expect(answer.status).toBe(403);
    await admin.get(`users/${person.userId}`);
    const trail = await sql(
      `SELECT FROM identity."AuditEvent" WHERE action = 'user.read' AND subject_id = $1 AND actor_id = $2`,
      [person.userId, demoAdmin.id],
    );
    expect(trail).toHaveLength(1);
  });
});

describe('somebody who is suspended', () => {
  test('has no session and can’t sign in, here or in Keycloak, until they are let back in (S8)', async () => {
    const person = await createSignedIn(service);
    const suspended = await admin.patch(`users/${person.userId}`, { status: 'SUSPENDED' });
    expect([suspended.status, suspended.body.status]).toEqual([200, 'SUSPENDED']);
    expect((await person.api.get('auth/who-am-i')).status).toBe(401);
    const { refreshToken } = person;
    expect((await post(`${service.url}${BASE}/auth/refresh`, { refreshToken })).status).toBe(401);
    expect(await isEnabled(person.keycloakId)).toBe(false);
    const wrong = await signIn(service, { ...person, password: 'Wrong-horse-7' });
    const right = await signIn(service, person);
    expect([right.status, right.body.code]).toEqual([wrong.status, wrong.body.code]);
    await until('still signed in at Keycloak', async () => {
      const of = { realm: realm(), id: person.keycloakId };
      return (await (await keycloakAdmin()).users.listSessions(of)).length === 0;
    });
    expect((await admin.patch(`users/${person.userId}`, { status: 'ACTIVE' })).status).toBe(200);
    expect(await isEnabled(person.keycloakId)).toBe(true);
    expect((await signIn(service, person)).status).toBe(200);
    const trail = await sql<{ action: string }>(
      `SELECT action FROM identity."AuditEvent" WHERE subject_id = $1 AND actor_id = $2 AND action LIKE 'user.%'
       ORDER BY id`,
      [person.userId, demoAdmin.id],
    );
    expect(trail.map(({ action }) => action)).toEqual(['user.suspended', 'user.enabled']);
  });

  test('is brought to Keycloak by the worker when it was away (D5)', async () => {
    const person = await createSignedIn(service);
    await sql(`UPDATE identity."User" SET status = 'SUSPENDED', standing_due_at = now() WHERE id = $1`, [
      person.userId,
    ]);
    await until('not disabled', async () => (await isEnabled(person.keycloakId)) === false);
  });

  test('is not the last administrator (P1)', async () => {
    const held = await sql<{ id: string }>(
      `SELECT id FROM public."PolicyDefinition"
       WHERE target_id = '1' AND variant = 'assign_role' AND subject_id <> $1`,
      [demoAdmin.id],
    );
    const others = held.map(({ id }) => id);
    await sql(`UPDATE public."PolicyDefinition" SET variant = 'kept aside' WHERE id = ANY($1)`, [others]);
    try {
      const answer = await admin.patch(`users/${demoAdmin.id}`, { status: 'SUSPENDED' });
      expect(refusal(answer)).toEqual([409, 'policy.last_administrator']);
      expect((await admin.get(`users/${demoAdmin.id}`)).body.status).toBe('ACTIVE');
    } finally {
      await sql(`UPDATE identity."User" SET status = 'ACTIVE', standing_due_at = now() WHERE id = $1`, [
        demoAdmin.id,
      ]);
      await sql(`UPDATE public."PolicyDefinition" SET variant = 'assign_role' WHERE id = ANY($1)`, [others]);
    }
  });
});

describe('roles and permissions', () => {
  test('are read by whoever administers rights, and made by administrators of the platform (contract §5b)', async () => {
    const { owner } = await createShop(service);
    const stranger = await createSignedIn(service);
    await until('not an owner', async () => (await owner.api.get('roles')).status === 200);
    const identifier = `120_waiter-${newId().slice(-8)}`;
    const made = await admin.post('roles', { identifier, name: 'Phục vụ' });
    expect([made.status, made.body]).toMatchObject([201, { identifier, priority: 120, fixed: false }]);
    expect(refusal(await admin.post('roles', { identifier, name: 'X' }))).toEqual([409, 'policy.exists']);
    const renamed = await admin.patch(`roles/${made.body.id}`, { name: 'Bồi bàn', status: 'SUSPENDED' });
    expect(renamed.body).toMatchObject({ name: 'Bồi bàn', status: 'SUSPENDED' });
    const code = `menu-${newId()}`;
    const permission = await admin.post('permissions', { code, name: 'Menu', subject: code, action: 'read' });
    expect([permission.status, permission.body.code]).toEqual([201, code]);
    expect(
      refusal(await admin.post('permissions', { code: 'x', name: 'X', subject: '*', action: 'read' })),
    ).toEqual([422, 'request.validation_failed']);
    expect(refusal(await owner.api.post('roles', { identifier: '999_x', name: 'X' }))).toEqual([
      403,
      'request.role_missing',
    ]);
    expect(
      refusal(await owner.api.post('permissions', { code: 'x', name: 'X', subject: 'x', action: 'read' })),
    ).toEqual([403, 'request.role_missing']);
    expect((await stranger.api.get('permissions')).status).toBe(403);
    const trail = await sql<{ action: string }>(
      'SELECT action FROM identity."AuditEvent" WHERE subject_id IN ($1, $2) ORDER BY id',
      [made.body.id, permission.body.id],
    );
    expect(trail.map(({ action }) => action)).toEqual(['role.created', 'role.changed', 'permission.created']);
  });

  // A description that it may keep: where this fails, everybody else still needs the role.
  test.each(['1', '2', '3'])('of the platform’s own role %s nothing changes (P1)', async (id) => {
    expect(refusal(await admin.patch(`roles/${id}`, { description: 'The platform’s own' }))).toEqual([
      409,
      'policy.role_fixed',
    ]);
  });

  test('need a sign-in of the last five minutes, as a suspension does (RFC 9470)', async () => {
    const { accessToken, refreshToken } = (await signIn(service, demoAdmin)).body;
    await sql(`UPDATE identity."AuthSession" SET auth_time = now() - interval '6 minutes' WHERE id = $1`, [
      decodeJwt(accessToken).session_id,
    ]);
    const { body } = await post(`${service.url}${BASE}/auth/refresh`, { refreshToken });
    const late = administration(service, body.accessToken);
    const answers = [
      await late.post('organizers', { name: 'X', ownerId: demoAdmin.id }),
      await late.post('roles', { identifier: '001_x', name: 'X' }),
      await late.patch('roles/1', { name: 'X' }),
      await late.post('permissions', { code: 'x', name: 'X', subject: 'x', action: 'read' }),
      await late.patch(`users/${demoAdmin.id}`, { status: 'ACTIVE' }),
    ];
    expect(answers.map(refusal)).toEqual(answers.map(() => [401, 'token.insufficient_user_authentication']));
  });
});
