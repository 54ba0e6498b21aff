import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { testParts } from '../parts.js';
import { bar, untilFailuresAre } from '../support/failures.js';
import { codeFromInbox } from '../support/inbox.js';
import { admin, realm, TOTP_CREDENTIAL, TOTP_SECRET } from '../support/people.js';
import { askForCode, openSignIn, tokenOf, withoutAddress } from '../support/phone-page.js';
import { createPhonePerson, newPhone } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';

/** Where Keycloak was told that the service's internal calls are. */
const reachable = { IDENTITY_INTERNAL_PORT: String(testParts().service.internalPort) };
const WRONG = 'The code is wrong or no longer valid.';

let service: TestService;
beforeAll(async () => {
  service = await startService(reachable, { worker: true });
});
afterAll(() => service.stop());

const wrong = (code: string) => (code === '000000' ? '000001' : '000000');

describe("phone sign-in on Keycloak's page", () => {
  test('ends in a session of Keycloak and a token that says so, by the code from the inbox (O1)', async () => {
    const person = await createPhonePerson();
    const visit = await askForCode(service, person.phone.replace('+84', '0'));
    expect(visit.code.answer.text).toContain('autocomplete="one-time-code"');
    expect(visit.code.answer.text).not.toContain(person.phone);
    const code = await codeFromInbox(service, person.phone);
    const claims = await tokenOf(service, visit, await visit.code.post({ code }));
    expect(claims).toMatchObject({ userId: person.userId, amr: ['otp'] });
    const sessions = await (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId });
    expect(sessions).toHaveLength(1);
  });

  test('does not get round a second factor (S14)', async () => {
    const person = await createPhonePerson({ credentials: [TOTP_CREDENTIAL] });
    const visit = await askForCode(service, person.phone);
    const second = await visit.code.post({ code: await codeFromInbox(service, person.phone) });
    expect([second.answer.status, second.answer.text.includes('id="otp"')]).toEqual([200, true]);
    expect(await (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId })).toEqual([]);
    const otp = new TOTP({ secret: Secret.fromUTF8(TOTP_SECRET) }).generate();
    expect((await tokenOf(service, visit, await second.post({ otp }))).amr).toEqual(['otp', 'otp']);
  });

  test('says the same to a number that nobody has, and to its wrong codes (O5)', async () => {
    const [known, unknown] = await Promise.all(
      [(await createPhonePerson()).phone, newPhone()].map(async (phone) => {
        const { code } = await askForCode(service, phone);
        return [code, await code.post({ code: '000000' })];
      }),
    );
    for (const [index, page] of (known ?? []).entries()) {
      const other = unknown?.[index];
      expect([other?.answer.status, other?.error]).toEqual([page.answer.status, page.error]);
      expect(withoutAddress(other?.text)).toBe(withoutAddress(page.text));
    }
    expect(known?.[1]?.error).toBe(WRONG);
  });

  test("a wrong code counts among the person's failures in Keycloak, and a right one clears them (O3, D2)", async () => {
    const person = await createPhonePerson();
    const visit = await askForCode(service, person.phone);
    const code = await codeFromInbox(service, person.phone);
    const again = await visit.code.post({ code: wrong(code) });
    expect(again.error).toBe(WRONG);
    await untilFailuresAre(person.keycloakId, 1);
    await tokenOf(service, visit, await again.post({ code }));
    await untilFailuresAre(person.keycloakId, 0);
  });

  test.each(['disabled', 'locked'])(
    'shows a %s person with the right code what a wrong one shows (D2)',
    async (state) => {
      const person = await createPhonePerson();
      const visit = await askForCode(service, person.phone);
      const code = await codeFromInbox(service, person.phone);
      await bar(service, person.keycloakId, state);
      const refused = await visit.code.post({ code });
      expect([refused.answer.status, refused.error]).toEqual([200, WRONG]);
      expect(await (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId })).toEqual([]);
    },
  );

  test('a number that Keycloak no longer calls verified opens nothing', async () => {
    const person = await createPhonePerson();
    const visit = await askForCode(service, person.phone);
    const code = await codeFromInbox(service, person.phone);
    const keycloak = await admin();
    const id = { realm: realm(), id: person.keycloakId };
    const user = await keycloak.users.findOne(id);
    const attributes = { ...user?.attributes, phoneNumberVerified: ['false'] };
    await keycloak.users.update(id, { ...user, attributes });
    expect((await visit.code.post({ code })).error).toBe(WRONG);
  });

  test('another code has to wait, the number can be changed, and the password is one step away', async () => {
    const { code } = await askForCode(service, newPhone());
    const soon = await code.post({ resend: '' });
    expect(soon.error).toMatch(/^Please wait \d+ seconds and try again\.$/);
    const number = await soon.post({ 'change-address': '' });
    expect(number.answer.text).toContain('autocomplete="tel"');
    const password = await number.goAnotherWay();
    expect(password.answer.text).toContain('id="password"');
  });

  test('another code goes to the same number, and the one before it is over', async () => {
    const person = await createPhonePerson();
    const visit = await askForCode(service, person.phone);
    const first = await codeFromInbox(service, person.phone);
    await service.infrastructure.redis.del(`{phone-auth:lock:${person.phone}}:cooldown`);
    const resent = await visit.code.post({ resend: '' });
    expect(resent.error).toBeUndefined();
    const second = await codeFromInbox(service, person.phone, first);
    const refused = await resent.post({ code: first });
    expect(refused.error).toBe(WRONG);
    expect((await refused.post({ code: second })).answer.status).toBe(302);
  });

  test.each([
    ['nobody', 'Enter a phone number, for example 0901234567.'],
    ['', 'Enter a phone number, for example 0901234567.'],
    ['x'.repeat(400), 'Enter a phone number, for example 0901234567.'],
  ])('%.10s is no number, and the page says so', async (phone, says) => {
    const { page } = await openSignIn(service);
    const number = await page.goAnotherWay();
    expect((await number.post({ phone })).error).toBe(says);
  });
});

describe('when the service does not answer', () => {
  const AWAY = "Codes can't be sent or checked right now. Try again in a moment, or sign in another way.";
  const { internalPort } = testParts().service;
  const SILENCE_MS = 20_000;

  /** On the way to the page of the number while the service is there, which then goes, or stalls. */
  async function without(replacement: (() => Promise<{ stop(): void; isSilent(): boolean }>) | undefined) {
    const person = await createPhonePerson();
    const page = await openSignIn(service);
    const number = await page.page.goAnotherWay();
    await service.stop();
    const other = await replacement?.();
    try {
      const away = await number.post({ phone: person.phone });
      expect([away.answer.status, away.error?.replaceAll('&#39;', "'")]).toEqual([200, AWAY]);
      expect(other?.isSilent()).toBe(other && true);
      const password = await away.goAnotherWay();
      return await password.post({ username: person.email, password: person.password });
    } finally {
      other?.stop();
      service = await startService(reachable);
    }
  }

  test('the page says so, and the password still signs in (D8)', async () => {
    expect((await without(undefined)).answer.status).toBe(302);
  });

  test('and takes connections without a word, the page does not wait for it (D8)', async () => {
    const silent = async () => {
      const server = createServer().listen(internalPort, '127.0.0.1');
      const sockets = new Set<{ destroy(): void }>();
      server.on('connection', (socket) => sockets.add(socket));
      await once(server, 'listening');
      let silent = true;
      const stop = () => {
        silent = false;
        for (const socket of sockets) socket.destroy();
        server.close();
      };
      setTimeout(stop, SILENCE_MS).unref(); // whoever waits longer than Keycloak is to do is let go in the end
      return { stop, isSilent: () => silent };
    };
    expect((await without(silent)).answer.status).toBe(302);
  });
});
