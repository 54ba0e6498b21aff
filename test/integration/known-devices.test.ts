import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeProtectedHeader, SignJWT } from 'jose';
import { endDevices } from '../../src/people/index.js';
import { readKeyFiles } from '../../src/tokens/index.js';
import { testParts } from '../parts.js';
import { type Answer, BASE, bearer, call, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { codeFromInbox } from '../support/inbox.js';
import { createPhonePerson, requestCode, verifyCode } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService({}, { worker: true });
});
afterAll(() => service.stop());

const setCookies = ({ headers }: Answer) => headers.getSetCookie();
/** What a browser would send back. */
function deviceCookie(answer: Answer): { cookie: string } {
  const [pair = ''] = (setCookies(answer).find((one) => one.startsWith('nx_device=')) ?? '').split(';');
  return { cookie: pair };
}
const deviceIn = ({ cookie }: { cookie: string }) =>
  JSON.parse(Buffer.from(cookie.split('.')[1] ?? '', 'base64url').toString()) as { sub: string; jti: string };
const wrong = (code: string) => (code === '000000' ? '000001' : '000000');

/** Strangers guess until the lock is set. */
async function lockOut(phone: string): Promise<void> {
  const { body } = await requestCode(service, phone);
  const code = await codeFromInbox(service, phone);
  for (let n = 0; n < 5; n++) await verifyCode(service, { challengeId: body.challengeId, code: wrong(code) });
  expect((await requestCode(service, phone)).body.code).toBe('otp.locked');
}

const live = (userId: string) =>
  sql<{ id: string }>('SELECT id FROM identity."Device" WHERE user_id = $1 AND ended_at IS NULL', [userId]);

describe('a device that has signed in before (contract §4)', () => {
  test('gets a token that scripts cannot read, signed by a key that nobody is shown (D1)', async () => {
    const person = await createPhonePerson();
    const answer = await signIn(service, person);
    const set = setCookies(answer).find((one) => one.startsWith('nx_device=')) ?? '';
    expect(set).toContain(`Path=${BASE}/auth`);
    expect(set).toMatch(/Max-Age=7776000;.*HttpOnly;.*SameSite=Lax/);
    const token = deviceCookie(answer).cookie.replace('nx_device=', '');
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'EdDSA', typ: 'device+jwt' });
    const { body } = await call(`${service.url}/jw-certs`);
    const { kid } = decodeProtectedHeader(token);
    expect(body.keys.map((key: { kid: string }) => key.kid)).not.toContain(kid);
    const shown = await call(`${service.url}${BASE}/auth/who-am-i`, { headers: bearer(token) });
    expect(shown.status).toBe(401);
  });

  test('is let in while strangers have locked the number, and locks itself by its own guesses', async () => {
    const person = await createPhonePerson();
    const device = deviceCookie(await signIn(service, person));
    await lockOut(person.phone);
    const first = await codeFromInbox(service, person.phone);
    const { status, body } = await requestCode(service, person.phone, {}, device);
    expect(status).toBe(202);
    const code = await codeFromInbox(service, person.phone, first);
    const { challengeId } = body;
    for (let n = 0; n < 4; n++) await verifyCode(service, { challengeId, code: wrong(code) });
    expect((await verifyCode(service, { challengeId, code })).status).toBe(200);
    const again = await requestCode(service, person.phone, {}, device);
    const next = await codeFromInbox(service, person.phone, code);
    for (let n = 0; n < 5; n++)
      await verifyCode(service, { challengeId: again.body.challengeId, code: wrong(next) });
    expect((await requestCode(service, person.phone, {}, device)).body.code).toBe('otp.locked');
    await service.infrastructure.redis.del(`phone-auth:lock:${person.phone}`);
    const deviceId = deviceIn(device).jti;
    await service.infrastructure.redis.del(`{phone-auth:lock:${person.phone}}:device:${deviceId}:cooldown`);
    expect((await requestCode(service, person.phone, {}, device)).status).toBe(202);
  });

  test('counts for its own person alone, and not by a token that somebody made', async () => {
    const [person, other] = [await createPhonePerson(), await createPhonePerson()];
    const device = deviceCookie(await signIn(service, person));
    await lockOut(other.phone);
    expect((await requestCode(service, other.phone, {}, device)).body.code).toBe('otp.locked');
    const theirs = deviceCookie(await signIn(service, other));
    const { sub, jti } = deviceIn(theirs);
    const { refreshToken: foreignKey } = readKeyFiles(testParts().keysDir);
    const issuer = testParts().service.url;
    const forged = await new SignJWT({ jti })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'device+jwt' })
      .setIssuer(issuer)
      .setAudience(issuer)
      .setSubject(sub)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(foreignKey);
    for (const cookie of [`nx_device=${forged}`, 'nx_device=x', `nx_device=${'a'.repeat(5000)}`])
      expect((await requestCode(service, other.phone, {}, { cookie })).body.code).toBe('otp.locked');
    expect((await requestCode(service, other.phone, {}, theirs)).status).toBe(202);
  });

  test('keeps its place at the next sign-in; a sixth ends the one used longest ago', async () => {
    const person = await createPhonePerson();
    const first = deviceCookie(await signIn(service, person));
    const again = deviceCookie(await signIn(service, person, { headers: first }));
    expect(deviceIn(again).jti).toBe(deviceIn(first).jti);
    const others = [];
    for (let n = 0; n < 4; n++) others.push(deviceIn(deviceCookie(await signIn(service, person))).jti);
    expect((await live(person.userId)).map(({ id }) => id).sort()).toEqual(
      [deviceIn(first).jti, ...others].sort(),
    );
    await signIn(service, person, { headers: first });
    await signIn(service, person);
    const ids = (await live(person.userId)).map(({ id }) => id);
    expect(ids).toHaveLength(5);
    expect(ids).toContain(deviceIn(first).jti);
    expect(ids).not.toContain(others[0]);
  });

  test('is never one of six, though all sign in at the same instant', async () => {
    const person = await createPhonePerson();
    await signIn(service, person);
    await Promise.all(Array.from({ length: 8 }, () => signIn(service, person)));
    expect((await live(person.userId)).length).toBeLessThanOrEqual(5);
  });

  test('of somebody else becomes a new one of whoever signs in there', async () => {
    const [person, other] = [await createPhonePerson(), await createPhonePerson()];
    const device = deviceCookie(await signIn(service, person));
    const theirs = deviceCookie(await signIn(service, other, { headers: device }));
    expect(deviceIn(theirs).jti).not.toBe(deviceIn(device).jti);
    expect(deviceIn(theirs).sub).toBe(other.userId);
  });

  test('ends with sign-out-all, and where somebody ends devices', async () => {
    const person = await createPhonePerson();
    const answer = await signIn(service, person);
    const device = deviceCookie(answer);
    await lockOut(person.phone);
    const all = await post(`${service.url}${BASE}/auth/sign-out-all`, {}, bearer(answer.body.accessToken));
    expect(all.status).toBe(204);
    expect((await requestCode(service, person.phone, {}, device)).body.code).toBe('otp.locked');
    const next = deviceCookie(await signIn(service, person));
    expect((await requestCode(service, person.phone, {}, next)).status).toBe(202);
    await service.infrastructure.database.transaction((one) => endDevices(one, person.userId));
    expect((await requestCode(service, person.phone, {}, next)).body.code).toBe('otp.locked');
  });
});
