import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_SERVICE } from '../../embedded/demo-data.js';
import { testParts } from '../parts.js';
import { type Answer, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { codeFromInbox } from '../support/inbox.js';
import { createPerson } from '../support/people.js';
import { createPhonePerson, newPhone, requestCode, verifyCode } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';
import { basic } from '../support/services.js';

let service: TestService;
beforeAll(async () => {
  service = await startService({}, { worker: true });
});
afterAll(() => service.stop());

const bridge = () => basic('keycloak-bridge', testParts().keycloak.bridgeSecret);
const visitor = { address: '203.0.113.7', agent: 'a browser' };
const nobodysProfile = {
  username: 'somebody',
  displayName: 'Some Body',
  email: null,
  emailVerified: false,
  phone: null,
  phoneVerified: false,
};

const start = (body: Record<string, unknown>, at: TestService = service, as = bridge()): Promise<Answer> =>
  post(`${at.internalUrl}/otp/start`, { purpose: 'sign-in', language: 'en', visitor, ...body }, as);
const verify = (body: Record<string, unknown>, as = bridge()): Promise<Answer> =>
  post(`${service.internalUrl}/otp/verify`, { purpose: 'sign-in', visitor, ...body }, as);

async function ask(phone: string, body: Record<string, unknown> = {}, after?: string) {
  const answer = await start({ phone, ...body });
  expect(answer.status).toBe(202);
  return { challengeId: answer.body.challengeId as string, code: await codeFromInbox(service, phone, after) };
}
const outcome = ({ status, body }: Answer) => [status, body?.code];
const wrong = (code: string) => (code === '000000' ? '000001' : '000000');

describe("codes for Keycloak's pages", () => {
  test('are promised and taken once, and tell whose number it is (contract §7)', async () => {
    const person = await createPhonePerson();
    const promised = await start({ phone: person.phone.replace('+84', '0') });
    expect([promised.status, promised.body]).toEqual([
      202,
      {
        challengeId: expect.any(String),
        expiresIn: 300,
        resendIn: 60,
        maskedAddress: `+84*****${person.phone.slice(-4)}`,
      },
    ]);
    const code = await codeFromInbox(service, person.phone);
    const trial = { challengeId: promised.body.challengeId, code };
    const right = await verify(trial);
    expect([right.status, right.body]).toEqual([200, { keycloakId: person.keycloakId, phone: person.phone }]);
    const replayed = await verify(trial);
    expect([...outcome(replayed), replayed.body.keycloakId]).toEqual([401, 'otp.invalid', undefined]);
  });

  test('are of no use at the API, and the API’s are of none here (contract §4)', async () => {
    const [one, other] = [await createPhonePerson(), await createPhonePerson()];
    const ofPage = await ask(one.phone);
    expect(outcome(await verifyCode(service, ofPage))).toEqual([401, 'otp.invalid']);
    const { body } = await requestCode(service, other.phone);
    const ofApi = { challengeId: body.challengeId, code: await codeFromInbox(service, other.phone) };
    expect(outcome(await verify(ofApi))).toEqual([401, 'otp.invalid']);
    expect((await verify(ofPage)).status).toBe(200);
    expect((await verifyCode(service, ofApi)).status).toBe(200);
  });

  test('of one purpose are of no use for another', async () => {
    const person = await createPhonePerson();
    const ofSignIn = await ask(person.phone);
    const asProof = { ...ofSignIn, purpose: 'verify-phone', profile: nobodysProfile };
    expect(outcome(await verify(asProof))).toEqual([401, 'otp.invalid']);
    expect((await verify(ofSignIn)).status).toBe(200);
    const ofProof = await ask(newPhone(), { purpose: 'verify-phone', keycloakId: person.keycloakId });
    expect(outcome(await verify(ofProof))).toEqual([401, 'otp.invalid']);
  });

  test('are answered alike for a number that nobody has, and nothing is sent (O5)', async () => {
    const [known, unknown] = [(await createPhonePerson()).phone, newPhone()];
    const answers = [await start({ phone: known }), await start({ phone: unknown })];
    const shapes = answers.map(({ status, body }) => [status, Object.keys(body), body.challengeId.length]);
    expect(shapes[1]).toEqual(shapes[0]);
    const [last] = await sql<{ status: string }>(
      'SELECT status FROM identity."Message" ORDER BY created_at DESC LIMIT 1',
    );
    expect(last?.status).toBe('withheld');
    expect(outcome(await start({ phone: unknown }))).toEqual([429, 'otp.cooldown']);
  });

  test('that are wrong say whose failures count: where somebody has the number and a code was compared', async () => {
    const person = await createPhonePerson();
    const { challengeId, code } = await ask(person.phone);
    const compared = await verify({ challengeId, code: wrong(code) });
    expect([...outcome(compared), compared.body.keycloakId]).toEqual([401, 'otp.invalid', person.keycloakId]);
    const nobodys = await start({ phone: newPhone() });
    const answer = await verify({ challengeId: nobodys.body.challengeId, code: '000000' });
    expect([...outcome(answer), answer.body.keycloakId]).toEqual([401, 'otp.invalid', undefined]);
  });

  test('count by the visitor’s address, not Keycloak’s (O7)', async () => {
    const strict = await startService({ IDENTITY_LIMIT_OTP_PER_ADDRESS: '1' }); // ten with development tools
    const from = (address: string) =>
      start({ phone: newPhone(), visitor: { ...visitor, address } }, strict).then(outcome);
    try {
      for (let n = 0; n < 10; n++) expect(await from('2001:db8::1')).toEqual([202, undefined]);
      expect(await from('2001:db8::2')).toEqual([429, 'request.too_many']);
      expect(await from('2001:db8:0:1::1')).toEqual([202, undefined]);
    } finally {
      await strict.stop();
    }
  });

  test('are for the bridge alone (P7)', async () => {
    const sale = basic(DEMO_SERVICE.name, DEMO_SERVICE.secret);
    expect(outcome(await start({ phone: newPhone() }, service, sale))).toEqual([
      403,
      'service.call_not_granted',
    ]);
    expect(outcome(await verify({ challengeId: 'x', code: '000000' }, sale))).toEqual([
      403,
      'service.call_not_granted',
    ]);
    const stranger = basic('keycloak-bridge', 'a guess');
    expect(outcome(await start({ phone: newPhone() }, service, stranger))).toEqual([401, 'service.refused']);
  });

  test.each<[string, Record<string, unknown>]>([
    ['no number', {}],
    ['a number and a challenge', { phone: '0981234567', again: 'x' }],
    ['a challenge that is none', { again: 'x' }],
    ['another purpose', { phone: '0981234567', purpose: 'everything' }],
    ['a name in place of an address', { phone: '0981234567', visitor: { ...visitor, address: 'localhost' } }],
    ['a number for nobody', { phone: '0981234567', purpose: 'verify-phone' }],
    ['an address for a sign-in', { identifier: 'somebody@example.test' }],
    ['a number under the other name', { phone: '0981234567', purpose: 'forgot-password' }],
    ['neither number nor address', { identifier: 'some body@', purpose: 'forgot-password' }],
    ['an asker of a sign-in', { phone: '0981234567', keycloakId: 'x' }],
  ])('%s is refused (hostile input)', async (_name, body) => {
    expect(outcome(await start(body))).toEqual([422, 'request.validation_failed']);
  });

  test('without Redis are 503 (D8)', async () => {
    const away = await startService({ REDIS_URL: 'redis://127.0.0.1:1' }, { ready: false });
    expect(outcome(await start({ phone: newPhone() }, away))).toEqual([503, 'otp.unavailable']);
    await away.stop();
  });
});

describe('codes for a forgotten password', () => {
  const purpose = 'forgot-password';

  test('go to a number or to an address, and tell whose it is (S11)', async () => {
    const person = await createPhonePerson();
    const asked = await start({ purpose, identifier: ` ${person.email.toUpperCase()}` });
    expect([asked.status, asked.body.maskedAddress]).toEqual([
      202,
      `${person.email.slice(0, 1)}***@example.test`,
    ]);
    const { challengeId } = asked.body;
    const right = await verify({ purpose, challengeId, code: await codeFromInbox(service, person.email) });
    expect([right.status, right.body]).toEqual([200, { keycloakId: person.keycloakId, email: person.email }]);
    const other = await start({ purpose, identifier: person.phone });
    const bySms = { challengeId: other.body.challengeId, code: await codeFromInbox(service, person.phone) };
    expect((await verify({ purpose, ...bySms })).body).toEqual({
      keycloakId: person.keycloakId,
      phone: person.phone,
    });
  });

  test('are of no use at the API, nor are the API’s here, and share its lock (contract §4, O4)', async () => {
    const person = await createPhonePerson();
    const asked = await start({ purpose, identifier: person.phone });
    const ofPage = { challengeId: asked.body.challengeId, code: await codeFromInbox(service, person.phone) };
    expect(outcome(await verifyCode(service, { namespace: purpose, ...ofPage }))).toEqual([
      401,
      'otp.invalid',
    ]);
    for (let n = 0; n < 5; n++)
      expect(outcome(await verify({ purpose, ...ofPage, code: wrong(ofPage.code) }))).toEqual([
        401,
        'otp.invalid',
      ]);
    const api = await requestCode(service, person.phone, { namespace: purpose });
    expect(outcome(api)).toEqual([429, 'otp.locked']);
    await service.infrastructure.redis.del(`${purpose}:lock:${person.phone}`);
    const ofApi = await requestCode(service, person.phone, { namespace: purpose });
    const code = await codeFromInbox(service, person.phone, ofPage.code);
    expect(outcome(await verify({ purpose, challengeId: ofApi.body.challengeId, code }))).toEqual([
      401,
      'otp.invalid',
    ]);
  });
});

describe('a number that is to become somebody’s', () => {
  /** As Keycloak describes somebody made by `createPerson`, in tokens too. */
  const profileOf = ({ email }: { email: string }) => {
    const [name = ''] = email.split('@');
    const names = { username: `user-${name}`, displayName: `Test ${name}` };
    return { ...nobodysProfile, ...names, email, emailVerified: true };
  };
  const held = (phone: string) =>
    sql<{ keycloak_id: string }>(
      `SELECT keycloak_id FROM identity."Identifier" JOIN identity."User" ON id = user_id WHERE value = $1`,
      [phone],
    ).then((rows) => rows.map(({ keycloak_id }) => keycloak_id));

  async function prove(person: { keycloakId: string; email: string }, phone: string, after?: string) {
    const asked = await ask(phone, { purpose: 'verify-phone', keycloakId: person.keycloakId }, after);
    const answer = await verify({ ...asked, purpose: 'verify-phone', profile: profileOf(person) });
    return { answer, code: asked.code };
  }

  test('is theirs before Keycloak is written, and nobody else’s afterwards (D3)', async () => {
    const [first, second] = [await createPerson(), await createPerson()];
    const phone = newPhone();
    const { answer: proven, code } = await prove(first, phone);
    expect([proven.status, proven.body]).toEqual([200, { keycloakId: first.keycloakId, phone }]);
    expect(await held(phone)).toEqual([first.keycloakId]);
    const refused = await prove(second, phone, code);
    expect(outcome(refused.answer)).toEqual([409, 'bridge.phone_taken']);
    expect(await held(phone)).toEqual([first.keycloakId]);
  });

  test('is given back when Keycloak was not written and the person comes again', async () => {
    const person = await createPerson();
    const phone = newPhone();
    expect((await prove(person, phone)).answer.status).toBe(200);
    expect((await signIn(service, person)).status).toBe(200);
    expect(await held(phone)).toEqual([]);
  });
});

test('a page’s codes pass the guard of all codes (O7)', async () => {
  const guarded = await startService({ IDENTITY_LIMIT_OTP_PER_ADDRESS_BLOCK: '1' });
  const block = { address: `198.51.${randomInt(256)}.9`, agent: 'a browser' };
  // Development tools make limits by address ten times as high.
  for (let n = 0; n < 10; n += 1) await start({ phone: newPhone(), visitor: block }, guarded);
  const person = await createPhonePerson();
  expect((await start({ phone: person.phone, visitor: block }, guarded)).status).toBe(202);
  await guarded.stop();
  const [last] = await sql<{ error_class: string }>(
    'SELECT error_class FROM identity."Message" ORDER BY created_at DESC LIMIT 1',
  );
  expect(last?.error_class).toBe('address_block');
});
