import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testParts } from '../parts.js';
import { type Answer, BASE, bearer, call, post, postForm, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { codeFromInbox, textsTo } from '../support/inbox.js';
import { signInOnPage } from '../support/keycloak-page.js';
import { admin, realm } from '../support/people.js';
import { createPhonePerson, newPhone, requestCode, verifyCode } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService({}, { worker: true });
});
afterAll(() => service.stop());

type PhonePerson = Awaited<ReturnType<typeof createPhonePerson>>;
const NEW = 'Another-horse-8';
const api = (path: string, body: unknown, token?: string): Promise<Answer> =>
  post(`${service.url}${BASE}/auth/${path}`, body, token === undefined ? {} : bearer(token));
const openSessions = (person: PhonePerson) =>
  sql('SELECT FROM identity."AuthSession" WHERE user_id = $1 AND ended_at IS NULL', [person.userId]);
const liveDevices = (person: PhonePerson) =>
  sql('SELECT FROM identity."Device" WHERE user_id = $1 AND ended_at IS NULL', [person.userId]);
const auditOf = (person: PhonePerson, action: string) =>
  sql<{ actor_id: string }>(
    'SELECT actor_id FROM identity."AuditEvent" WHERE subject_id = $1 AND action = $2',
    [person.userId, action],
  );

const sidsOf = async (person: PhonePerson) =>
  (await (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId })).map(({ id }) => id);

/** By the worker, within a few seconds. */
async function untilOnly(person: PhonePerson, sid: string | undefined): Promise<void> {
  const deadline = performance.now() + 15_000;
  while ((await sidsOf(person)).length > 1 && performance.now() < deadline) await sleep(100);
  expect(await sidsOf(person)).toEqual([sid]);
}

async function forgot(person: PhonePerson, scheme: 'email' | 'phone') {
  const value = scheme === 'email' ? person.email : person.phone;
  const asked = await requestCode(service, value, {
    namespace: 'forgot-password',
    identifier: { scheme, value },
  });
  expect(asked.status).toBe(202);
  const code = await codeFromInbox(service, value);
  return verifyCode(service, { namespace: 'forgot-password', challengeId: asked.body.challengeId, code });
}

describe('a forgotten password', () => {
  test.each<'email' | 'phone'>(['email', 'phone'])(
    'set by %s ends every session, and is told (S11)',
    async (scheme) => {
      const person = await createPhonePerson();
      await signIn(service, person);
      const { status, body } = await forgot(person, scheme);
      expect([status, body]).toEqual([200, { resetTicket: expect.any(String), expiresIn: 600 }]);
      const reset = await api('reset-password', { resetTicket: body.resetTicket, newPassword: NEW });
      expect(reset.status).toBe(204);
      expect(await openSessions(person)).toEqual([]);
      expect(await liveDevices(person)).toEqual([]);
      const inKeycloak = await (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId });
      expect(inKeycloak).toEqual([]);
      expect((await signIn(service, person)).status).toBe(401);
      expect((await signIn(service, { ...person, password: NEW })).status).toBe(200);
      expect(await auditOf(person, 'user.password_changed')).toEqual([{ actor_id: person.userId }]);
      const texts = await textsTo(service, person.email, scheme === 'email' ? 2 : 1);
      expect(texts[0]).toContain('/auth/not-me?token=');
    },
  );

  test('sets one password by one ticket; a refused password leaves the ticket good (S11)', async () => {
    const person = await createPhonePerson();
    const { resetTicket } = (await forgot(person, 'phone')).body;
    const weak = await api('reset-password', { resetTicket, newPassword: 'password' });
    expect([weak.status, weak.body.code]).toEqual([422, 'keycloak.password_refused']);
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) => api('reset-password', { resetTicket, newPassword: `${NEW}-${n}` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 401, 401, 401]);
    const never = await api('reset-password', { resetTicket: 'never-given', newPassword: NEW });
    expect([never.status, never.body.code]).toEqual([401, 'self_service.ticket_invalid']);
  });

  test('lifts the lock that wrong passwords set (S11)', async () => {
    const person = await createPhonePerson();
    for (let n = 0; n < 10; n++) await signIn(service, { ...person, password: `wrong-${n}` });
    expect((await signIn(service, person)).status).toBe(401);
    const { resetTicket } = (await forgot(person, 'phone')).body;
    await api('reset-password', { resetTicket, newPassword: NEW });
    expect((await signIn(service, { ...person, password: NEW })).status).toBe(200);
  });
});

describe('a change of password', () => {
  test('needs the current one; the other sessions end, this one goes on (S11)', async () => {
    const person = await createPhonePerson();
    await signIn(service, person);
    const { accessToken } = (await signIn(service, person)).body;
    const wrong = await api('change-password', { currentPassword: 'wrong', newPassword: NEW }, accessToken);
    expect([wrong.status, wrong.body.code]).toEqual([401, 'self_service.password_wrong']);
    const right = { currentPassword: person.password, newPassword: NEW };
    expect(await liveDevices(person)).toHaveLength(2);
    expect((await api('change-password', right, accessToken)).status).toBe(204);
    expect(await openSessions(person)).toHaveLength(1);
    expect(await liveDevices(person)).toEqual([]);
    expect((await call(`${service.url}${BASE}/auth/who-am-i`, { headers: bearer(accessToken) })).status).toBe(
      200,
    );
    expect((await signIn(service, { ...person, password: NEW })).status).toBe(200);
  });

  test('ends the sessions that only Keycloak knows, also when Keycloak was away (S11, L0)', async () => {
    const person = await createPhonePerson();
    const spa = { id: 'nx-spa', redirectUri: `${testParts().service.url}/` };
    await signInOnPage(person, spa);
    const { accessToken, sessionId } = (await signIn(service, person)).body;
    const [kept] = await sql<{ keycloak_sid: string }>(
      'SELECT keycloak_sid FROM identity."AuthSession" WHERE id = $1',
      [sessionId],
    );
    const right = { currentPassword: person.password, newPassword: NEW };
    expect((await api('change-password', right, accessToken)).status).toBe(204);
    expect(await sidsOf(person)).toEqual([kept?.keycloak_sid]);
    // As a crash between our row and Keycloak leaves it.
    await signInOnPage({ ...person, password: NEW }, spa);
    await sql('UPDATE identity."User" SET others_logout_due_at = now() WHERE id = $1', [person.userId]);
    await untilOnly(person, kept?.keycloak_sid);
  });

  test('without a token is 401', async () => {
    expect((await api('change-password', { currentPassword: 'a', newPassword: 'b' })).status).toBe(401);
  });
});

describe('a change of phone or e-mail', () => {
  test('takes the code of the new number with this session’s token alone, and tells the old one (S11)', async () => {
    const person = await createPhonePerson();
    const [mine, other] = [(await signIn(service, person)).body, (await signIn(service, person)).body];
    const phone = newPhone();
    const asked = await api('change-phone', { value: phone }, mine.accessToken);
    expect(asked.status).toBe(202);
    const use = { challengeId: asked.body.challengeId, code: await codeFromInbox(service, phone) };
    expect((await verifyCode(service, use)).status).toBe(401);
    expect((await verifyCode(service, use, bearer(other.accessToken))).status).toBe(401);
    const done = await verifyCode(service, use, bearer(mine.accessToken));
    expect([done.status, done.body]).toEqual([200, { verified: true }]);
    expect(await liveDevices(person)).toEqual([]);
    const user = await (await admin()).users.findOne({ realm: realm(), id: person.keycloakId });
    expect(user?.attributes).toMatchObject({ phoneNumber: [phone], phoneNumberVerified: ['true'] });
    expect([user?.email, user?.emailVerified]).toEqual([person.email, true]);
    expect(await textsTo(service, person.phone, 1)).toEqual([expect.stringContaining('vua duoc thay doi')]);
    expect((await requestCode(service, phone)).status).toBe(202);
    expect(await auditOf(person, 'user.identifier_changed')).toEqual([{ actor_id: person.userId }]);
    const held = await sql('SELECT value FROM identity."Identifier" WHERE user_id = $1 ORDER BY scheme', [
      person.userId,
    ]);
    expect(held).toEqual([{ value: person.email }, { value: phone }]);
  });

  test('of e-mail works alike', async () => {
    const person = await createPhonePerson();
    const { accessToken } = (await signIn(service, person)).body;
    const email = `moved-${person.email}`;
    const asked = await api('change-email', { value: email }, accessToken);
    const code = await codeFromInbox(service, email);
    const use = { namespace: 'verify-email', challengeId: asked.body.challengeId, code };
    expect((await verifyCode(service, use, bearer(accessToken))).status).toBe(200);
    expect((await signIn(service, { ...person, email })).status).toBe(200);
    expect((await signIn(service, person)).status).toBe(401);
  });

  test('to a number that somebody else holds is answered alike, and never done (S11)', async () => {
    const [person, holder] = [await createPhonePerson(), await createPhonePerson()];
    const { accessToken } = (await signIn(service, person)).body;
    const asked = await api('change-phone', { value: holder.phone }, accessToken);
    expect([asked.status, Object.keys(asked.body)]).toEqual([202, ['challengeId', 'expiresIn', 'resendIn']]);
    expect(await textsTo(service, holder.phone, 1)).toEqual([expect.stringContaining('da co tai khoan')]);
  });

  test('needs a sign-in of the last five minutes (RFC 9470)', async () => {
    const person = await createPhonePerson();
    const { accessToken, sessionId } = (await signIn(service, person)).body;
    await sql(`UPDATE identity."AuthSession" SET auth_time = now() - interval '6 minutes' WHERE id = $1`, [
      sessionId,
    ]);
    const { refreshToken } = (await signIn(service, person)).body;
    const [session] = await sql<{ id: string }>(
      'SELECT id FROM identity."AuthSession" WHERE user_id = $1 ORDER BY created_at DESC LIMIT 1',
      [person.userId],
    );
    await sql(`UPDATE identity."AuthSession" SET auth_time = now() - interval '6 minutes' WHERE id = $1`, [
      session?.id,
    ]);
    const refreshed = await api('refresh', { refreshToken });
    const answer = await api('change-phone', { value: newPhone() }, refreshed.body.accessToken);
    expect([answer.status, answer.body.code]).toEqual([401, 'token.insufficient_user_authentication']);
    expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_user_authentication"');
    expect(accessToken).toBeDefined();
  });
});

describe('"it wasn’t me"', () => {
  test('ends every session by the button of its page, not by the link alone (S11)', async () => {
    const person = await createPhonePerson();
    const { accessToken } = (await signIn(service, person)).body;
    await api('change-password', { currentPassword: person.password, newPassword: NEW }, accessToken);
    const [text = ''] = await textsTo(service, person.email, 1);
    const link = /https?:\/\/\S+not-me\?token=[\w.-]+/.exec(text)?.[0] ?? '';
    const url = new URL(link);
    const page = await call(`${service.url}${url.pathname}${url.search}`);
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringContaining("form-action 'self'"),
    ]);
    expect(await openSessions(person)).toHaveLength(1);
    const token = url.searchParams.get('token') ?? '';
    expect((await postForm(`${service.url}${url.pathname}`, { token })).status).toBe(200);
    expect(await openSessions(person)).toEqual([]);
  });

  test('with a made-up token ends nothing', async () => {
    const answer = await postForm(`${service.url}${BASE}/auth/not-me`, { token: 'AAAA.BBBB' });
    expect(answer.status).toBe(400);
  });
});
