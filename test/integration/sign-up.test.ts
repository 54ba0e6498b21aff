import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { unregisterPerson } from '../../src/people/index.js';
import { createFinishSignUp, createTendSignUps, signUpStore } from '../../src/sign-in/index.js';
import { type Answer, BASE, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { codeFromInbox, textsTo } from '../support/inbox.js';
import { admin, createPerson, realm } from '../support/people.js';
import { createPhonePerson, newPhone, verifyCode } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService({}, { worker: true });
});
afterAll(() => service.stop());

const newEmail = () => `new-${randomBytes(6).toString('hex')}@example.test`;
const PASSWORD = 'Correct-horse-7';

const signUp = (value: string, extra: Record<string, unknown> = {}): Promise<Answer> =>
  post(`${service.url}${BASE}/auth/sign-up`, {
    identifier: { scheme: value.includes('@') ? 'email' : 'phone', value },
    credential: { scheme: 'password', value: PASSWORD },
    ...extra,
  });
const namespaceOf = (value: string) => (value.includes('@') ? 'verify-email' : 'phone-auth');
const prove = (value: string, challengeId: string, code: string) =>
  verifyCode(service, { namespace: namespaceOf(value), challengeId, code });
const forgetCooldown = (value: string) =>
  service.infrastructure.redis.del(`{${namespaceOf(value)}:lock:${value}}:cooldown`);
const attempts = (value: string) =>
  sql<{ state: string; keycloak_id: string }>(
    'SELECT state, keycloak_id FROM identity."SignUp" WHERE value = $1 ORDER BY created_at',
    [value],
  );

describe('a sign-up', () => {
  test.each([
    ['e-mail', newEmail],
    ['phone', newPhone],
  ])('by %s ends, with its own code, in a session with the default role (S4)', async (_name, make) => {
    const value = make();
    const asked = await signUp(value, { profile: { displayName: 'Nguyễn Văn Á' } });
    expect([asked.status, Object.keys(asked.body).sort()]).toEqual([
      202,
      ['challengeId', 'expiresIn', 'resendIn'],
    ]);
    const answer = await prove(value, asked.body.challengeId, await codeFromInbox(service, value));
    expect(answer.status).toBe(200);
    expect(answer.body.user.displayName).toBe('Nguyễn Văn Á');
    const claims = decodeJwt(answer.body.accessToken);
    expect(claims.roles).toEqual([expect.objectContaining({ identifier: '010_user' })]);
    const scheme = value.includes('@') ? 'email' : 'phone';
    const again = await post(`${service.url}${BASE}/auth/sign-in`, {
      identifier: { scheme, value },
      credential: { scheme: 'password', value: PASSWORD },
    });
    expect(again.status).toBe(200);
    expect(again.body.user.id).toBe(answer.body.user.id);
  });

  test('attaches nothing to anybody before its code: no person, no identifier, a disabled Keycloak user (S4)', async () => {
    const value = newEmail();
    await signUp(value);
    const [attempt] = await attempts(value);
    const user = await (await admin()).users.findOne({ realm: realm(), id: attempt?.keycloak_id as string });
    expect([user?.enabled, user?.email]).toEqual([false, undefined]);
    expect(await sql('SELECT FROM identity."Identifier" WHERE value = $1', [value])).toEqual([]);
    expect((await signIn(service, { email: value, password: PASSWORD })).status).toBe(401);
  });

  test('of a known identifier is answered alike; its owner is told, and their password stays (S4, O5)', async () => {
    const person = await createPhonePerson();
    const usual = await signUp(newPhone());
    const known = await signUp(person.phone);
    expect([known.status, Object.keys(known.body)]).toEqual([usual.status, Object.keys(usual.body)]);
    expect(known.body.challengeId).toHaveLength(usual.body.challengeId.length);
    expect(await textsTo(service, person.phone, 1)).toEqual([expect.stringContaining('da co tai khoan')]);
    expect(await attempts(person.phone)).toEqual([expect.objectContaining({ state: 'dead' })]);
    expect((await signIn(service, person)).status).toBe(200);
  });

  test('of an address that Keycloak alone knows as proven is of no effect (S4)', async () => {
    const person = await createPerson();
    await signUp(person.email);
    expect(await attempts(person.email)).toEqual([expect.objectContaining({ state: 'dead' })]);
  });

  test('takes an address from a registration that never proved it (S4)', async () => {
    const value = newEmail();
    const squatter = await createPerson({ email: value, emailVerified: false });
    const { body } = await signUp(value);
    expect((await prove(value, body.challengeId, await codeFromInbox(service, value))).status).toBe(200);
    const user = await (await admin()).users.findOne({ realm: realm(), id: squatter.keycloakId });
    expect(user?.email).toBeUndefined();
    const events = await sql('SELECT FROM identity."AuditEvent" WHERE action = $1 AND subject_id = $2', [
      'user.identifier_yielded',
      `keycloak:${squatter.keycloakId}`,
    ]);
    expect(events).toHaveLength(1);
  });

  test('takes a number from an account that was silent for long and has another identifier (issue 5.4)', async () => {
    const old = await createPhonePerson();
    await sql(`UPDATE identity."Identifier" SET proven_at = now() - interval '200 days' WHERE user_id = $1`, [
      old.userId,
    ]);
    const { body } = await signUp(old.phone);
    const answer = await prove(old.phone, body.challengeId, await codeFromInbox(service, old.phone));
    expect(answer.status).toBe(200);
    expect(answer.body.user.id).not.toBe(old.userId);
    const user = await (await admin()).users.findOne({ realm: realm(), id: old.keycloakId });
    expect([user?.email, user?.attributes?.phoneNumber]).toEqual([old.email, undefined]);
    expect((await signIn(service, old)).body.user).toMatchObject({ id: old.userId, phoneVerified: false });
    const trail = await sql(
      `SELECT FROM identity."AuditEvent" WHERE action = 'user.identifier_yielded' AND subject_id = $1`,
      [old.userId],
    );
    expect(trail).toHaveLength(1);
  });

  test('kills its rivals when it is proven, and only its own code proves it (S4)', async () => {
    const value = newEmail();
    const first = await signUp(value, { credential: { scheme: 'password', value: 'Stranger-danger-1' } });
    const firstCode = await codeFromInbox(service, value);
    await forgetCooldown(value);
    const second = await signUp(value);
    const code = await codeFromInbox(service, value, firstCode);
    if (firstCode !== code) expect((await prove(value, second.body.challengeId, firstCode)).status).toBe(401);
    expect((await prove(value, first.body.challengeId, firstCode)).status).toBe(401);
    expect((await prove(value, second.body.challengeId, code)).status).toBe(200);
    expect((await attempts(value)).map(({ state }) => state)).toEqual(['dead', 'done']);
    expect((await signIn(service, { email: value, password: 'Stranger-danger-1' })).status).toBe(401);
  });

  test('within the cooldown is answered alike, and makes and sends nothing (contract §4)', async () => {
    const value = newEmail();
    const first = await signUp(value);
    const again = await signUp(value);
    expect([again.status, again.body.expiresIn]).toEqual([202, first.body.expiresIn]);
    expect(again.body.resendIn).toBeLessThanOrEqual(60);
    expect(again.body.challengeId).toHaveLength(first.body.challengeId.length);
    expect(await attempts(value)).toHaveLength(1);
    const code = await codeFromInbox(service, value);
    expect((await prove(value, again.body.challengeId, code)).status).toBe(401);
    expect((await prove(value, first.body.challengeId, code)).status).toBe(200);
  });

  test('with a password that breaks the rules is 422, for known and new alike, and may be tried again at once', async () => {
    const person = await createPhonePerson();
    for (const value of [newPhone(), person.phone]) {
      const credential = { scheme: 'password', value: 'password' };
      const answer = await signUp(value, { credential });
      expect([answer.status, answer.body.code]).toEqual([422, 'keycloak.password_refused']);
      expect((await signUp(value)).status).toBe(202);
    }
  });

  test('has the wished user name where it is free, and another where it is taken', async () => {
    const wish = `wish-${randomBytes(5).toString('hex')}`;
    const names: unknown[] = [];
    for (const value of [newEmail(), newEmail()]) {
      const { body } = await signUp(value, { profile: { username: wish } });
      const answer = await prove(value, body.challengeId, await codeFromInbox(service, value));
      expect(answer.status).toBe(200);
      const [row] = await sql<{ username: string }>('SELECT username FROM identity."User" WHERE id = $1', [
        answer.body.user.id,
      ]);
      names.push(row?.username);
    }
    expect(names).toEqual([wish, expect.stringMatching(/^sign-up-/)]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['a role', { roles: ['900_admin'] }],
    ['a tenant in the profile', { profile: { tenantId: '1' } }],
    ['a name with mark-up', { profile: { displayName: '<b>x</b>' } }],
    ['a name with a line break', { profile: { displayName: 'a\nb' } }],
    ['a user name like an address', { profile: { username: 'a@b.test' } }],
  ])('with %s is refused (hostile input)', async (_name, extra) => {
    expect((await signUp(newEmail(), extra)).status).toBe(422);
  });
});

describe('the worker', () => {
  const tend = () => {
    const { database, accounts } = service.infrastructure;
    const store = signUpStore;
    const finish = createFinishSignUp({ database, store, accounts, unregister: unregisterPerson });
    return createTendSignUps({ database, store, accounts, finish })();
  };

  test('removes an attempt that nobody proved within a day, in Keycloak too, also one whose process died (X3)', async () => {
    const [written, orphan] = [newEmail(), newEmail()];
    await signUp(written);
    await signUp(orphan);
    const ids = [...(await attempts(written)), ...(await attempts(orphan))].map(
      ({ keycloak_id }) => keycloak_id,
    );
    await sql(`UPDATE identity."SignUp" SET keycloak_id = NULL WHERE value = $1`, [orphan]);
    await sql(`UPDATE identity."SignUp" SET created_at = now() - interval '25 hours' WHERE value = ANY($1)`, [
      [written, orphan],
    ]);
    await tend();
    expect([...(await attempts(written)), ...(await attempts(orphan))]).toEqual([]);
    for (const id of ids) expect(await (await admin()).users.findOne({ realm: realm(), id })).toBeNull();
  });

  test('finishes an attempt whose process died after the proof (L0)', async () => {
    const value = newEmail();
    const { body } = await signUp(value);
    const code = await codeFromInbox(service, value);
    const { accounts } = service.infrastructure;
    const attach = accounts.attach;
    accounts.attach = () => Promise.reject(new Error('killed'));
    expect((await prove(value, body.challengeId, code)).status).toBe(500);
    accounts.attach = attach;
    expect(await attempts(value)).toEqual([expect.objectContaining({ state: 'proven' })]);
    await sql(`UPDATE identity."SignUp" SET state_at = now() - interval '1 minute' WHERE value = $1`, [
      value,
    ]);
    await tend();
    expect((await signIn(service, { email: value, password: PASSWORD })).status).toBe(200);
  });
});
