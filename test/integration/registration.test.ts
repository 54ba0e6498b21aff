import { renameSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testParts } from '../parts.js';
import { atReplica, type Browser, createBrowser, location, queryOf, redeem } from '../support/browser.js';
import { BASE, bearer, call, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { inboxOf, textsTo } from '../support/inbox.js';
import { admin, createPerson, realm } from '../support/people.js';
import {
  fillRegistration,
  formAction,
  hrefWith,
  linkIn,
  newRegistrant,
  postPage,
  type Registrant,
  stayInKeycloak,
} from '../support/registration.js';
import { startService, type TestService } from '../support/service.js';

const PASSWORD = 'Fresh-coffee-11';
const { url: keycloakUrl, mailKeyFile } = testParts().keycloak;

let service: TestService;
beforeAll(async () => {
  // Where Keycloak was told that its mails go.
  const reachable = { IDENTITY_INTERNAL_PORT: String(testParts().service.internalPort) };
  service = await startService(reachable, { worker: true });
});
afterAll(() => service.stop());

const register = (fields: Registrant, browser = createBrowser()) =>
  fillRegistration(service, keycloakUrl, fields, { browser });

/** Follows the newest link that the address got, and chooses a password where Keycloak asks for it. */
async function proveAddress(browser: Browser, email: string) {
  const [mail = ''] = await textsTo(service, email, 1);
  const clicked = await browser.visit(linkIn(mail));
  const page = await stayInKeycloak(browser, clicked, keycloakUrl);
  const fields = { 'password-new': PASSWORD, 'password-confirm': PASSWORD };
  return stayInKeycloak(browser, await postPage(browser, formAction(page), fields), keycloakUrl);
}

const usersWith = async (email: string) => (await admin()).users.find({ realm: realm(), email, exact: true });

describe('registration on Keycloak’s pages', () => {
  test('leads by a mailed link back to the app, and its first token carries the default role (S4)', async () => {
    const fields = newRegistrant();
    const { browser, app, answer } = await register(fields);
    expect(answer.text).toContain(fields.email); // "we have sent you a mail"
    const home = await proveAddress(browser, fields.email);
    const back = await browser.visit(atReplica(service, location(home).href));
    const redeemed = await redeem(service, app, queryOf(back).code ?? '');
    expect(redeemed.status).toBe(200);
    const who = await call(`${service.url}${BASE}/auth/who-am-i`, {
      headers: bearer(redeemed.body.access_token),
    });
    expect(who.body.claims.roles).toEqual([expect.objectContaining({ identifier: '010_user' })]);
    expect(who.body.user).toMatchObject({ email: fields.email, emailVerified: true });
    const rows = await sql('SELECT email, email_verified FROM identity."User" WHERE email = $1', [
      fields.email,
    ]);
    expect(rows).toEqual([{ email: fields.email, email_verified: true }]);
    expect((await signIn(service, { email: fields.email, password: PASSWORD })).status).toBe(200);
  });

  test('gives nobody a session before the address is proven, by the page or by the form (S4)', async () => {
    const fields = newRegistrant();
    const { answer } = await register(fields);
    expect(answer.status).toBe(200); // still at Keycloak
    const [user] = await usersWith(fields.email);
    expect(user).toMatchObject({ emailVerified: false });
    const sessions = await (await admin()).users.listSessions({ realm: realm(), id: user?.id ?? '' });
    expect(sessions).toEqual([]);
    expect(await sql('SELECT FROM identity."User" WHERE keycloak_id = $1', [user?.id])).toEqual([]);

    // It has no password yet.
    const guessed = await signIn(service, { email: fields.email, password: PASSWORD });
    expect([guessed.status, guessed.body.code]).toEqual([401, 'sign_in.refused']);
    // Even with one: the proof is missing.
    await (await admin()).users.resetPassword({
      realm: realm(),
      id: user?.id ?? '',
      credential: { type: 'password', value: PASSWORD, temporary: false },
    });
    const early = await signIn(service, { email: fields.email, password: PASSWORD });
    expect([early.status, early.body.code]).toEqual([403, 'sign_in.continue_on_hosted_page']);
    expect(early.text).not.toContain('accessToken');
  });

  test('by somebody else is whose the mailbox is: who opens the link chooses the password, who asked has nothing (S4)', async () => {
    const fields = newRegistrant();
    const { browser: stranger, answer } = await register(fields);
    const owner = createBrowser();
    const [mail = ''] = await textsTo(service, fields.email, 1);
    const question = await stayInKeycloak(owner, await owner.visit(linkIn(mail)), keycloakUrl);
    const unconfirmed = await usersWith(fields.email);
    expect(unconfirmed).toMatchObject([{ emailVerified: false }]); // opened by a scanner, it proves nothing
    const confirm = hrefWith('action-token', question);
    const page = await stayInKeycloak(owner, await owner.visit(confirm), keycloakUrl);
    expect(page.text).toContain('name="password-new"');
    const back = await stranger.visit(hrefWith('required-action', answer));
    const there = await stayInKeycloak(stranger, back, keycloakUrl);
    expect([there.status, there.text.includes('password-new')]).toEqual([400, false]);
    expect(await usersWith(fields.email)).toMatchObject([{ emailVerified: true }]);
  });

  test('is not done without an address, which nothing would then prove (S4)', async () => {
    const fields = { ...newRegistrant(), email: '' };
    const { answer } = await register(fields);
    expect([answer.status, answer.text.includes('id="kc-register-form"')]).toEqual([200, true]);
    expect(await (await admin()).users.find({ realm: realm(), username: fields.username })).toEqual([]);
  });

  test('of a known address makes no second account, whatever its case (S4)', async () => {
    const person = await createPerson();
    const { answer } = await register({ ...newRegistrant(), email: person.email.toUpperCase() });
    expect(answer.text).toContain('id="kc-register-form"');
    expect(await usersWith(person.email)).toMatchObject([{ id: person.keycloakId }]);
    expect(await inboxOf(service, person.email)).toEqual([]);
  });

  test('without a key that its mail can wait under is not gone on with, and the page says so (M4)', async () => {
    renameSync(mailKeyFile, `${mailKeyFile}.away`);
    const { answer } = await register(newRegistrant()).finally(() =>
      renameSync(`${mailKeyFile}.away`, mailKeyFile),
    );
    expect([answer.status, answer.text]).toEqual([500, expect.stringContaining('id="kc-error-message"')]);
  });

  test('people without an e-mail address sign in as before (S3)', async () => {
    const username = newRegistrant().username;
    const person = await createPerson({ username, email: '', emailVerified: false });
    const answer = await post(`${service.url}${BASE}/auth/sign-in`, {
      identifier: { scheme: 'username', value: username },
      credential: { scheme: 'password', value: person.password },
    });
    expect(answer.status).toBe(200);
  });
});
