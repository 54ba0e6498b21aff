import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { Secret, TOTP } from 'otpauth';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { testParts } from '../parts.js';
import { call } from '../support/call.js';
import { hasChromium, startChromium } from '../support/chromium.js';
import { sql } from '../support/database.js';
import { textsTo } from '../support/inbox.js';
import { createShop } from '../support/organizations.js';
import { createPerson, type TestPerson, TOTP_CREDENTIAL, TOTP_SECRET } from '../support/people.js';
import { createRole } from '../support/policies.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const [, owner] = DEMO_PEOPLE;
/** A folder to put pictures of the page in, for docs/. */
const PICTURES = process.env.NX_PICTURES;

let service: TestService;
let chromium: Browser;
let context: BrowserContext;
let page: Page;
/** What the page or its policy complained about. */
let complaints: string[];

const inChromium = hasChromium() ? describe : describe.skip;

inChromium('the demo page, with Keycloak on another site (localhost) than the service (127.0.0.1)', () => {
  beforeAll(async () => {
    // Where Keycloak and the client's redirect URI say that we are.
    service = await startService({ IDENTITY_PORT: String(testParts().service.port) }, { worker: true });
    chromium = await startChromium();
  });
  afterAll(async () => {
    await chromium.close();
    await service.stop();
  });
  beforeEach(async () => {
    context = await chromium.newContext({ locale: 'en', viewport: { width: 1000, height: 760 } });
    page = await context.newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (line) => {
      if (line.type() === 'error' && page.url().startsWith(service.url)) complaints.push(line.text());
    });
  });
  afterEach(() => context.close());

  const picture = async (name: string) => {
    if (PICTURES) await page.screenshot({ path: join(PICTURES, name), fullPage: false });
  };
  const open = () => page.goto(`${service.url}/demo`);
  const says = (id: string, text: string | RegExp) =>
    page.locator(`#${id}`).filter({ hasText: text }).waitFor({ timeout: 20_000 });
  const claims = async () => JSON.parse((await page.locator('#claims').textContent()) ?? '{}');

  async function fillForm(person: Pick<TestPerson, 'email' | 'password'>) {
    await page.fill('#email', person.email);
    await page.fill('#password', person.password);
    await page.click('#sign-in button');
  }
  async function fillKeycloak(person: Pick<TestPerson, 'email' | 'password'>) {
    await page.waitForURL(`${testParts().keycloak.url}/**`);
    await page.fill('#username', person.email);
    await page.fill('#password', person.password);
    await page.click('#kc-login');
  }

  test('signs in by form, verifies the token by WebCrypto, refreshes, asks who it is, and signs out (S3, S7, T1)', async () => {
    await open();
    await page.locator('#sign-in').waitFor();
    await picture('demo-sign-in.png');
    await fillForm(owner);
    await says('verdict', /^verified$/);
    await says('name', 'Oanh Owner');
    const before = await claims();
    expect(before).toMatchObject({ client_id: 'nx-demo', userId: owner.id });
    await picture('demo-token.png');
    await page.click('#refresh');
    await says('claims', new RegExp(`^(?![^]*${before.jti})`)); // another token
    await says('verdict', /^verified$/);
    await page.click('#who');
    await says('answer', owner.email);
    await page.reload(); // the refresh cookie brings the session back
    await says('verdict', /^verified$/);
    expect((await claims()).session_id).toBe(before.session_id);
    await page.click('#sign-out');
    await page.locator('#sign-in').waitFor();
    expect(complaints).toEqual([]);
  });

  test("signs in on Keycloak's page and comes back with a token that verifies; its code is nowhere left (S3)", async () => {
    await open();
    await page.click('#hosted');
    await fillKeycloak(owner);
    await says('verdict', /^verified$/);
    expect(page.url()).toBe(`${service.url}/demo`);
    expect(await claims()).toMatchObject({ client_id: 'nx-demo', userId: owner.id, amr: ['pwd'] });
    await page.click('#sign-out');
    await page.locator('#sign-in').waitFor();
    // Keycloak's session has ended too: it asks again.
    await page.click('#hosted');
    await page.waitForURL(`${testParts().keycloak.url}/**`);
    await page.locator('#password').waitFor();
    expect(complaints).toEqual([]);
  });

  test('leads to Keycloak’s registration page (S4)', async () => {
    await open();
    await page.click('#register');
    await page.waitForURL(`${testParts().keycloak.url}/**`);
    await page.locator('input[name=email]').waitFor();
    expect(await page.locator('input[name=password]').count()).toBe(0); // asked for once the address is proven
  });

  test('a person with TOTP signs in on Keycloak’s page (S5)', async () => {
    const person = await createPerson({ credentials: [TOTP_CREDENTIAL] });
    await open();
    await page.click('#hosted');
    await fillKeycloak(person);
    await page.fill('#otp', new TOTP({ secret: Secret.fromUTF8(TOTP_SECRET) }).generate());
    await page.click('#kc-login');
    await says('verdict', /^verified$/);
    expect((await claims()).amr).toEqual(expect.arrayContaining(['pwd', 'otp']));
  });

  test('a person of whom something is required is led on to Keycloak’s page by the form (contract §4)', async () => {
    const person = await createPerson({ requiredActions: ['UPDATE_PASSWORD'] });
    await open();
    await fillForm(person);
    await fillKeycloak(person);
    await page.fill('#password-new', `${person.password}-2`);
    await page.fill('#password-confirm', `${person.password}-2`);
    await page.click('[type=submit]');
    await says('verdict', /^verified$/);
  });

  test('an answer that this tab did not ask for is not taken (RFC 6749 §10.12)', async () => {
    const before = await sql('SELECT FROM identity."AuthorizationCode" WHERE used_at IS NOT NULL');
    await page.goto(`${service.url}/demo?code=stolen&state=foreign&iss=${service.url}`);
    await says('message', 'another sign-in');
    expect(page.url()).toBe(`${service.url}/demo`);
    expect(await sql('SELECT FROM identity."AuthorizationCode" WHERE used_at IS NOT NULL')).toEqual(before);
  });

  test('a token that the published keys did not sign is shown as not valid (T7)', async () => {
    await page.route('**/jw-certs', async (route) => {
      const { keys } = await (await route.fetch()).json();
      const { x, y } = (await generateKeyPair('ES256', { extractable: true }).then(({ publicKey }) =>
        exportJWK(publicKey),
      )) as { x: string; y: string };
      await route.fulfill({ json: { keys: [{ ...keys[0], x, y }] } });
    });
    await open();
    await fillForm(owner);
    await says('verdict', /^not valid$/);
  });

  test('an invitation’s link leads to where it is accepted, and its token is left in no address (contract §5b)', async () => {
    const guest = await createPerson();
    const shop = await createShop(service);
    const role = await createRole();
    const { organizerId, merchantId, owner: host } = shop;
    const invited = {
      organizerId,
      merchantId,
      roleId: role.id,
      identifier: { scheme: 'email', value: guest.email },
    };
    await until('not an owner', async () => (await host.api.post('invitations', invited)).status === 201);
    const [mail = ''] = await textsTo(service, guest.email, 1);
    await page.goto(/http\S+invitation=[\w-]{22}/.exec(mail)?.[0] ?? '');
    await page.locator('#invitation').waitFor();
    expect(page.url()).toBe(`${service.url}/demo`);
    await fillForm(guest);
    await page.click('#accept');
    await says('message', 'You are a member now');
    expect(await page.locator('#invitation').isVisible()).toBe(false);
    expect((await claims()).merchants).toEqual([merchantId]);
    expect(complaints).toEqual([]);
  });

  test('a refused password is said, and nothing else (S6)', async () => {
    await open();
    await fillForm({ email: owner.email, password: 'wrong-password' });
    await says('message', 'Sign-in refused');
    expect(await page.locator('#signed-in').isVisible()).toBe(false);
  });
});

describe('the files of the demo page', () => {
  test('allow no inline script, style or frame, and are there in development only (contract §3)', async () => {
    const development = await startService();
    const production = await startService({ IDENTITY_DEV_TOOLS: '0' });
    const page = await call(`${development.url}/demo`);
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; " +
        "base-uri 'none'; frame-ancestors 'none'",
    );
    expect(page.text).not.toMatch(/<style|style=|<script(?![^>]* src=)| on\w+=/);
    for (const path of ['/demo', '/invitation', '/demo/demo.js', '/demo/demo.css']) {
      expect((await call(`${development.url}${path}`)).status).toBe(200);
      expect((await call(`${production.url}${path}`)).status).toBe(404);
    }
    await Promise.all([development.stop(), production.stop()]);
  });
});
