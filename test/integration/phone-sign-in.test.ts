import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { testParts } from '../parts.js';
import { type Answer, BASE, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { codeFromInbox } from '../support/inbox.js';
import { recipientIndex } from '../support/ledger.js';
import { admin, realm, TOTP_CREDENTIAL } from '../support/people.js';
import { createPhonePerson, letGoSilent, newPhone, requestCode, verifyCode } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService({}, { worker: true });
});
afterAll(() => service.stop());

async function ask(phone: string) {
  const { status, body } = await requestCode(service, phone);
  expect(status).toBe(202);
  return { challengeId: body.challengeId as string, code: await codeFromInbox(service, phone) };
}

const wrong = (code: string) => (code === '000000' ? '000001' : '000000');
/** What a stranger can tell two answers apart by. */
const shape = ({ status, body, headers }: Answer) => ({
  status,
  members: Object.keys(body).sort(),
  headers: [...headers.keys()].filter((name) => name !== 'date').sort(),
});

describe('phone sign-in by the interface', () => {
  test('ends in a session answer and a Keycloak session, by the code from the inbox (O1)', async () => {
    const person = await createPhonePerson();
    const asked = await requestCode(service, person.phone);
    expect([asked.status, asked.body]).toEqual([
      202,
      { challengeId: expect.any(String), expiresIn: 300, resendIn: 60 },
    ]);
    const code = await codeFromInbox(service, person.phone);
    const answer = await verifyCode(service, { challengeId: asked.body.challengeId, code });
    expect(answer.status).toBe(200);
    expect(answer.body.user).toMatchObject({ id: person.userId, phoneVerified: true });
    const claims = decodeJwt(answer.body.accessToken);
    expect(claims).toMatchObject({ userId: person.userId, token_type: 'platform', amr: ['otp'] });
    const sessions = await (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId });
    expect(sessions).toHaveLength(1);
  });

  test('works by /sign-in too, where a code of somebody else is refused and not used up (contract §4)', async () => {
    const [person, other] = [await createPhonePerson(), await createPhonePerson()];
    const { challengeId, code } = await ask(person.phone);
    const as = (value: string) =>
      post(`${service.url}${BASE}/auth/sign-in`, {
        identifier: { scheme: 'phone', value },
        credential: { scheme: 'otp', challengeId, value: code },
      });
    const foreign = await as(other.phone);
    expect([foreign.status, foreign.body.code]).toEqual([401, 'otp.invalid']);
    expect((await as(person.phone.replace('+84', '0'))).status).toBe(200);
  });

  test('is refused alike for a wrong, an old and a used code (contract §4)', async () => {
    const person = await createPhonePerson();
    const { challengeId, code } = await ask(person.phone);
    const answers = [await verifyCode(service, { challengeId, code: wrong(code) })];
    expect((await verifyCode(service, { challengeId, code })).status).toBe(200);
    answers.push(await verifyCode(service, { challengeId, code }));
    answers.push(await verifyCode(service, { challengeId: 'never given', code }));
    for (const answer of answers) {
      expect([answer.status, answer.body.code]).toEqual([401, 'otp.invalid']);
      expect(shape(answer)).toEqual(shape(answers[0] as Answer));
    }
  });

  test('fifty right codes at the same instant give one session (O3)', async () => {
    const person = await createPhonePerson();
    const { challengeId, code } = await ask(person.phone);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => verifyCode(service, { challengeId, code })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const rows = await sql('SELECT FROM identity."AuthSession" WHERE user_id = $1', [person.userId]);
    expect(rows).toHaveLength(1);
  });

  test('does not get round a second factor: the hosted page is named (S14)', async () => {
    const person = await createPhonePerson({ credentials: [TOTP_CREDENTIAL] });
    const answer = await verifyCode(service, await ask(person.phone));
    expect([answer.status, answer.body.code]).toEqual([403, 'sign_in.continue_on_hosted_page']);
    expect(answer.body.nextAction).toEqual({ type: 'continue_hosted', url: expect.any(String) });
  });

  test('a number that opens a dormant account with a proven e-mail opens it no more, until its owner was back', async () => {
    const person = await createPhonePerson();
    await letGoSilent(person.userId);
    await requestCode(service, person.phone);
    expect(await messagesTo(person.phone)).toEqual([{ status: 'withheld', error_class: 'no_account' }]);
    expect((await signIn(service, person)).status).toBe(200);
    await forgetCooldown(person.phone);
    expect((await verifyCode(service, await ask(person.phone))).status).toBe(200);
  });
});

async function forgetCooldown(phone: string): Promise<void> {
  await service.infrastructure.redis.del(`{phone-auth:lock:${phone}}:cooldown`);
}

/** By the ledger, newest last. */
const messagesTo = (phone: string) =>
  sql<{ status: string; error_class: string | null }>(
    `SELECT status, error_class FROM identity."Message"
     WHERE recipient_index = $1 ORDER BY created_at`,
    [recipientIndex(phone)],
  );

describe('asking for a code', () => {
  test('is answered alike for a number that nobody has, and nothing is sent (O5)', async () => {
    const [person, unknown] = [await createPhonePerson(), newPhone()];
    const known = await requestCode(service, person.phone);
    const nobody = await requestCode(service, unknown);
    expect(shape(nobody)).toEqual(shape(known));
    expect(nobody.body.challengeId).toHaveLength(known.body.challengeId.length);
    expect(await messagesTo(unknown)).toEqual([{ status: 'withheld', error_class: 'no_account' }]);
    const again = [await requestCode(service, person.phone), await requestCode(service, unknown)];
    for (const answer of again) {
      expect([answer.status, answer.body.code]).toEqual([429, 'otp.cooldown']);
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    }
  });

  test('wrong codes lock an unknown number as they lock a known one (O5)', async () => {
    for (const phone of [(await createPhonePerson()).phone, newPhone()]) {
      const { body } = await requestCode(service, phone);
      const statuses: number[] = [];
      for (let n = 0; n < 6; n++) {
        const answer = await verifyCode(service, { challengeId: body.challengeId, code: '000000' });
        statuses.push(answer.status);
      }
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
      expect((await requestCode(service, phone)).body.code).toBe('otp.locked');
    }
  });

  test.each([
    ['a landline', '02838123456'],
    ['a premium number', '19001234'],
    ['a satellite phone', '+881612345678'],
    ['a mobile abroad', '+447400123456'],
  ])('for %s is answered alike, and nothing is sent (O7)', async (_name, phone) => {
    const usual = await requestCode(service, newPhone());
    const answer = await requestCode(service, phone);
    expect(shape(answer)).toEqual(shape(usual));
    const [last] = await sql<{ error_class: string }>(
      'SELECT error_class FROM identity."Message" ORDER BY created_at DESC LIMIT 1',
    );
    expect(last?.error_class).toBe('not_served');
  });

  test('counts one number for all its spellings (hostile input)', async () => {
    const phone = newPhone();
    expect((await requestCode(service, phone)).status).toBe(202);
    for (const spelling of [
      phone.replace('+84', '0'),
      phone.replace('+', '00'),
      `${phone.slice(0, 5)} ${phone.slice(5)}`,
    ])
      expect((await requestCode(service, spelling)).body.code).toBe('otp.cooldown');
  });

  test.each<[string, Record<string, unknown>]>([
    ['a number as the code', { code: 123456 }],
    ['an array', { code: ['123456'] }],
    ['an operator', { code: { $ne: 1 } }],
    ['full-width digits', { code: '１２３４５６' }],
    ['spaces', { code: '123 456' }],
    ['another namespace', { namespace: 'verify-mail' }],
    ['an unknown field', { role: 'admin' }],
  ])('%s is refused before anything is counted (hostile input)', async (_name, body) => {
    const answer = await verifyCode(service, { challengeId: 'x', code: '123456', ...body });
    expect(answer.status).toBe(422);
  });

  test.each(['nobody', '+84', '++', '0'.repeat(300)])('%.20s is no phone number: 422', async (value) => {
    const answer = await requestCode(service, value);
    expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([422, 'identifier.value']);
  });

  test('without Redis is 503 within a second, while passwords go on (D8)', async () => {
    const person = await createPhonePerson();
    const away = await startService({ REDIS_URL: 'redis://127.0.0.1:1' }, { ready: false });
    const answer = await requestCode(away, person.phone);
    expect([answer.status, answer.body.code]).toEqual([503, 'otp.unavailable']);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect((await signIn(away, person)).status).toBe(200);
    await away.stop();
  });

  test('without PostgreSQL is 503, and the code that was not promised counts for nothing (L0)', async () => {
    const phone = newPhone();
    const away = await startService(
      { DATABASE_URL: testParts().postgres.appUrl.replace(/:(\d+)\//, ':1/') },
      { ready: false },
    );
    expect((await requestCode(away, phone)).status).toBe(503);
    await away.stop();
    expect((await requestCode(service, phone)).status).toBe(202);
  });

  test('a code is in clear in no row and no key once it was sent (canary)', async () => {
    const person = await createPhonePerson();
    const { code } = await ask(person.phone);
    const dump = await sql<{ row: string }>(
      'SELECT to_jsonb(message)::text AS row FROM identity."Message" AS message',
    );
    expect(
      dump.map(({ row }) => row).filter((row) => row.includes(`"${code}"`) || row.includes(person.phone)),
    ).toEqual([]);
    const keys = await service.infrastructure.redis.keys(`*${person.phone}*`);
    expect(keys.sort()).toEqual([
      `{phone-auth:lock:${person.phone}}:challenge`,
      `{phone-auth:lock:${person.phone}}:cooldown`,
      `{phone-auth:lock:${person.phone}}:quota`,
    ]);
  });
});
