import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { testParts } from '../parts.js';
import { location, queryOf, redeem, signInHosted } from '../support/browser.js';
import { BASE, bearer, call, post, signIn } from '../support/call.js';
import { bar, untilFailuresAre } from '../support/failures.js';
import { codeFromInbox } from '../support/inbox.js';
import { admin, createPerson, realm, TOTP_CREDENTIAL, TOTP_SECRET } from '../support/people.js';
import {
  askForReset,
  followForgotten,
  type HostedForm,
  openSignIn,
  tokenOf,
  withoutAddress,
} from '../support/phone-page.js';
import { createPhonePerson, newPhone } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';

const WRONG = 'The code is wrong or no longer valid.';
const NEW = 'Another-horse-8';
const passkey = (type: string) => ({
  type,
  userLabel: 'key',
  secretData: '{}',
  credentialData: JSON.stringify({
    aaguid: '0',
    credentialId: 'AAAA',
    counter: 0,
    credentialPublicKey: 'AAAA',
  }),
});

let service: TestService;
beforeAll(async () => {
  // Where Keycloak was told that the service is: its pages' codes, and its logout tokens.
  const { port, internalPort } = testParts().service;
  const ports = { IDENTITY_PORT: String(port), IDENTITY_INTERNAL_PORT: String(internalPort) };
  service = await startService(ports, { worker: true });
});
afterAll(() => service.stop());

type PhonePerson = Awaited<ReturnType<typeof createPhonePerson>>;
const sessionsOf = async (person: { keycloakId: string }) =>
  (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId });
const setPassword = (page: HostedForm, password = NEW, confirmation = password) =>
  page.post({ 'password-new': password, 'password-confirm': confirmation });
const asksForPassword = (page: HostedForm) => page.answer.text.includes('id="password-new"');
const mixed = (code: string) => (code === '000000' ? '000001' : '000000');

/** With the right code, to the page behind it. */
async function proveAddress(person: PhonePerson, scheme: 'email' | 'phone' = 'phone') {
  const visit = await askForReset(service, person[scheme]);
  return { ...visit, next: await visit.code.post({ code: await codeFromInbox(service, person[scheme]) }) };
}

describe("a forgotten password on Keycloak's page", () => {
  test.each<'email' | 'phone'>(['email', 'phone'])(
    'set anew by a code to a proven %s signs in, and ends every session there was (S11)',
    async (scheme) => {
      const person = await createPhonePerson();
      const earlier = (await signIn(service, person)).body;
      expect(await sessionsOf(person)).toHaveLength(1);
      const { next, ...visit } = await proveAddress(person, scheme);
      expect(asksForPassword(next)).toBe(true);
      const claims = await tokenOf(service, visit, await setPassword(next));
      expect(claims.userId).toBe(person.userId);
      expect((claims.amr as string[]).sort()).toEqual(['otp', 'pwd']);
      expect(await sessionsOf(person)).toHaveLength(1);
      const refresh = await post(`${service.url}${BASE}/auth/refresh`, {
        refreshToken: earlier.refreshToken,
      });
      expect(refresh.status).toBe(401);
      expect((await signIn(service, person)).status).toBe(401);
      expect((await signIn(service, { ...person, password: NEW })).status).toBe(200);
    },
  );

  test('is told where the code went, and shows neither code nor whole address', async () => {
    const person = await createPhonePerson();
    const { code } = await askForReset(service, person.email);
    expect(code.answer.text).toContain('autocomplete="one-time-code"');
    expect(code.answer.text).toContain(`${person.email.slice(0, 1)}***@example.test`);
    expect(code.answer.text).not.toContain(person.email);
  });

  test('is not set without the second factor, which nothing of this replaces (S14)', async () => {
    const person = await createPhonePerson({ credentials: [TOTP_CREDENTIAL] });
    const { next, ...visit } = await proveAddress(person);
    expect([asksForPassword(next), next.answer.text.includes('id="otp"')]).toEqual([false, true]);
    const refused = await next.post({ otp: '000000', 'password-new': NEW, 'password-confirm': NEW });
    expect(asksForPassword(refused)).toBe(false);
    const otp = new TOTP({ secret: Secret.fromUTF8(TOTP_SECRET) }).generate();
    const asked = await refused.post({ otp });
    expect(asksForPassword(asked)).toBe(true);
    expect((await tokenOf(service, visit, await setPassword(asked))).amr).toContain('pwd');
    const credentials = await (await admin()).users.getCredentials({ realm: realm(), id: person.keycloakId });
    expect(credentials.filter(({ type }) => type === 'otp')).toHaveLength(1);
  });

  test.each(['webauthn', 'webauthn-passwordless'])('is not set without the %s (S14)', async (type) => {
    const person = await createPhonePerson({ credentials: [passkey(type)] });
    const { next } = await proveAddress(person);
    expect([asksForPassword(next), next.answer.text.includes('authenticateWebAuthnButton')]).toEqual([
      false,
      true,
    ]);
    expect(asksForPassword(await next.post({}))).toBe(false);
    expect((await signIn(service, { ...person, password: NEW })).status).toBe(401);
    expect(await sessionsOf(person)).toEqual([]);
  });

  test.each(['disabled', 'locked'])(
    'shows a %s person with the right code what a wrong one shows (D2)',
    async (state) => {
      const person = await createPhonePerson();
      const { code } = await askForReset(service, person.phone);
      const right = await codeFromInbox(service, person.phone);
      await bar(service, person.keycloakId, state);
      const refused = await code.post({ code: right });
      expect([refused.answer.status, refused.error]).toEqual([200, WRONG]);
    },
  );

  test('is not set for an address that Keycloak no longer calls verified', async () => {
    const person = await createPhonePerson();
    const { code } = await askForReset(service, person.email);
    const right = await codeFromInbox(service, person.email);
    await (await admin()).users.update({ realm: realm(), id: person.keycloakId }, { emailVerified: false });
    expect((await code.post({ code: right })).error).toBe(WRONG);
  });

  test.each<'email' | 'phone'>(['email', 'phone'])(
    'says the same to an unknown %s, to its wrong codes and to its lock (O5)',
    async (scheme) => {
      const nobody = { phone: newPhone(), email: `nobody-${newPhone().slice(3)}@example.test` };
      const pages: HostedForm[][] = [];
      for (const address of [(await createPhonePerson())[scheme], nobody[scheme]]) {
        const { code } = await askForReset(service, address);
        const seen = [code];
        let page = code;
        for (let n = 0; n < 6; n++) {
          page = await page.post({ code: '000000' });
          seen.push(page);
        }
        pages.push(seen);
      }
      const [known = [], unknown = []] = pages;
      const saw = (seen: HostedForm[]) => seen.map(({ answer, error }) => [answer.status, error]);
      expect(saw(unknown)).toEqual(saw(known));
      expect(unknown.map(({ text }) => withoutAddress(text))).toEqual(
        known.map(({ text }) => withoutAddress(text)),
      );
      expect(known.slice(1).map(({ error }) => error)).toEqual([
        ...Array(5).fill(WRONG),
        'Please try again in 15 minutes.',
      ]);
    },
  );

  test("a wrong code counts among the person's failures in Keycloak (O3, D2)", async () => {
    const person = await createPhonePerson();
    const { code } = await askForReset(service, person.phone);
    const right = await codeFromInbox(service, person.phone);
    expect((await code.post({ code: mixed(right) })).error).toBe(WRONG);
    await untilFailuresAre(person.keycloakId, 1);
  });

  test('that the policy refuses, or that is typed twice unalike, may be tried again', async () => {
    const person = await createPhonePerson();
    const { next, ...visit } = await proveAddress(person);
    const common = await setPassword(next, 'password1');
    expect(common.error).toBe('This password is too common. Choose another one.');
    const unalike = await setPassword(common, NEW, `${NEW}!`);
    expect([asksForPassword(unalike), unalike.error !== undefined]).toEqual([true, true]);
    expect((await signIn(service, person)).status).toBe(200);
    await tokenOf(service, visit, await setPassword(unalike));
    expect((await signIn(service, { ...person, password: NEW })).status).toBe(200);
  });

  test('does what an administrator asked for, who wanted a new password at the next sign-in', async () => {
    const person = await createPhonePerson({ requiredActions: ['UPDATE_PASSWORD'] });
    const { next, ...visit } = await proveAddress(person);
    await tokenOf(service, visit, await setPassword(next));
  });

  test('is not asked for by an address that nobody has proven', async () => {
    const { email } = await createPerson({ emailVerified: false });
    const { code } = await askForReset(service, email);
    expect(code.answer.text).toContain('autocomplete="one-time-code"');
    expect((await code.post({ code: '000000' })).error).toBe(WRONG);
  });

  test.each(['nobody', '', 'a@b', 'x'.repeat(400)])(
    '%.10s is neither number nor address',
    async (identifier) => {
      const first = await followForgotten(await openSignIn(service));
      const again = await first.post({ identifier });
      expect(again.error).toBe('Enter a phone number, for example 0901234567, or an email address.');
    },
  );

  test('another code has to wait, and another address can be entered', async () => {
    const { code } = await askForReset(service, newPhone());
    const soon = await code.post({ resend: '' });
    expect(soon.error).toMatch(/^Please wait \d+ seconds and try again\.$/);
    const first = await soon.post({ 'change-address': '' });
    expect(first.answer.text).toContain('name="identifier"');
  });
});

describe('a browser that is signed in and asked again', () => {
  test('ends what it had open before, too, and signs in anew (S11)', async () => {
    const person = await createPhonePerson();
    const first = await signInHosted(service, person);
    const earlier = (await redeem(service, first.app, first.code)).body;
    const again = { browser: first.browser, wishes: { prompt: 'login' } };
    const visit = await askForReset(service, person.phone, again);
    const next = await visit.code.post({ code: await codeFromInbox(service, person.phone) });
    const back = await visit.browser.visit(location((await setPassword(next)).answer).href);
    expect(queryOf(back).error).toBe('login_required');
    const anew = await signInHosted(service, { ...person, password: NEW }, { browser: first.browser });
    expect((await redeem(service, anew.app, anew.code)).status).toBe(200);
    const whoAmI = `${service.url}${BASE}/auth/who-am-i`;
    expect((await call(whoAmI, { headers: bearer(earlier.access_token) })).status).toBe(401);
  });
});
