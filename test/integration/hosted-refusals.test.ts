import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testParts } from '../parts.js';
import {
  atReplica,
  createApp,
  createBrowser,
  location,
  loginUrl,
  passKeycloak,
  queryOf,
  redeem,
  signInHosted,
} from '../support/browser.js';
import { BASE, bearer, call } from '../support/call.js';
import { sql } from '../support/database.js';
import { createPerson, type TestPerson } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let person: TestPerson;
beforeAll(async () => {
  service = await startService();
  person = await createPerson();
});
afterAll(() => service.stop());

const issuer = () => testParts().service.url;

describe('before the redirect URI is trusted there is a page, never a redirect (RFC 6749 §4.1.2.1)', () => {
  const own = () => createApp().redirectUri;
  test.each([
    ['an unknown client', () => ({ client_id: 'nobody' })],
    ['no client', () => ({ client_id: '' })],
    ['a client without redirect URIs', () => ({ client_id: 'nx-api' })],
    ['another path', () => ({ redirect_uri: `${own()}/` })],
    ['an added query', () => ({ redirect_uri: `${own()}?x=1` })],
    ['another host', () => ({ redirect_uri: 'https://evil.example/demo' })],
    ['another spelling of the host', () => ({ redirect_uri: own().replace('127.0.0.1', 'localhost') })],
    ['user info before the host', () => ({ redirect_uri: own().replace('//', '//x@') })],
    ['a NUL', () => ({ redirect_uri: `${own()}\0` })],
  ])('%s', async (_what, change) => {
    const answer = await call(loginUrl(service, { ...createApp().query, ...change() }));
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test('a redirect URI that was sent twice', async () => {
    const { query, redirectUri } = createApp();
    const url = `${loginUrl(service, query)}&redirect_uri=${encodeURIComponent(redirectUri)}`;
    expect((await call(url)).status).toBe(400);
  });

  test('the page is in Vietnamese or English and allows nothing but its own style (S3)', async () => {
    const url = `${service.url}${BASE}/auth/login`;
    const pages = await Promise.all([
      call(url),
      call(url, { headers: { 'accept-language': 'fr, en-GB;q=0.8, vi;q=0.1' } }),
      call(`${url}?ui_locales=en`, { headers: { 'accept-language': 'vi' } }),
    ]);
    expect(pages.map((page) => /<html lang="(..)"/.exec(page.text)?.[1])).toEqual(['vi', 'en', 'en']);
    const policy = pages[0]?.headers.get('content-security-policy') ?? '';
    const style = /<style>([\s\S]*)<\/style>/.exec(pages[0]?.text ?? '')?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`,
    );
  });
});

describe('afterwards the app is told by redirect', () => {
  test.each([
    ['no state', { state: '' }, 'invalid_request'],
    ['no challenge', { code_challenge: '' }, 'invalid_request'],
    ['no challenge method, which would mean plain', { code_challenge_method: '' }, 'invalid_request'],
    ['the plain method', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a challenge that is no S256', { code_challenge: 'short' }, 'invalid_request'],
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['a request object', { request: 'a.b.c' }, 'request_not_supported'],
    ['a bent prompt', { prompt: 'none\r\nX: y' }, 'invalid_request'],
  ])('%s', async (_what, change, error) => {
    const app = createApp();
    const answer = await call(loginUrl(service, { ...app.query, ...change }));
    expect(answer.status).toBe(302);
    expect(location(answer).href).toMatch(`${app.redirectUri}?`);
    const { error_description: _, ...told } = queryOf(answer);
    const state = 'state' in change ? {} : { state: app.state };
    expect(told).toEqual({ error, iss: issuer(), ...state });
  });
});

describe('the callback', () => {
  const begin = async (browser = createBrowser(), app = createApp()) => {
    const started = await browser.visit(loginUrl(service, app.query));
    const callback = atReplica(service, await passKeycloak(browser, location(started).href, person));
    return { app, browser, callback };
  };

  test('once more with the same state is refused, and the session of the first time lives on (S3)', async () => {
    const { app, browser, callback } = await begin();
    const first = await browser.visit(callback);
    const replayed = await browser.visit(callback);
    expect(queryOf(replayed)).toEqual({ error: 'access_denied', state: app.state, iss: issuer() });
    const answer = await redeem(service, app, queryOf(first).code ?? '');
    expect(answer.status).toBe(200);
    const { access_token } = answer.body;
    const who = await call(`${service.url}${BASE}/auth/who-am-i`, { headers: bearer(access_token) });
    expect(who.status).toBe(200);
  });

  test('fifty times at once gives one code (S3)', async () => {
    const { browser, callback } = await begin();
    const all = await Promise.all(Array.from({ length: 50 }, () => browser.visit(callback)));
    expect(all.filter((answer) => 'code' in queryOf(answer))).toHaveLength(1);
  });

  test('in another browser, with that browser’s own login or with none, is refused (RFC 9700 §4.7)', async () => {
    const { app, browser, callback } = await begin();
    const { browser: foreign } = await begin();
    for (const stranger of [foreign, createBrowser()]) {
      const answer = await stranger.visit(callback);
      expect(queryOf(answer)).toEqual({ error: 'access_denied', state: app.state, iss: issuer() });
    }
    // The stranger has spent nothing of the one who began.
    expect(queryOf(await browser.visit(callback)).code).toBeDefined();
  });

  test("with one login's state and another's code is refused: PKCE and nonce belong to the state (RFC 9700 §4.5)", async () => {
    const browser = createBrowser();
    const one = await begin(browser);
    const two = await begin(browser);
    const mixed = new URL(one.callback);
    mixed.searchParams.set('code', new URL(two.callback).searchParams.get('code') ?? '');
    expect(queryOf(await browser.visit(mixed.href))).toMatchObject({ error: 'access_denied' });
  });

  test.each([
    [
      'the issuer is another',
      (url: URL) => url.searchParams.set('iss', 'https://evil.example'),
      'access_denied',
    ],
    ['the issuer is missing', (url: URL) => url.searchParams.delete('iss'), 'access_denied'],
    ['the code is made up', (url: URL) => url.searchParams.set('code', 'x.y.z'), 'access_denied'],
    ['there is no code', (url: URL) => url.searchParams.delete('code'), 'access_denied'],
    [
      'Keycloak says that the form took too long',
      (url: URL) => {
        url.searchParams.delete('code');
        url.searchParams.set('error', 'temporarily_unavailable');
      },
      'temporarily_unavailable',
    ],
    [
      'Keycloak says something that is no business of an app',
      (url: URL) => {
        url.searchParams.delete('code');
        url.searchParams.set('error', 'unauthorized_client');
      },
      'server_error',
    ],
  ])('tells the app when %s (RFC 6749 §4.1.2.1)', async (_what, bend, error) => {
    const { app, browser, callback } = await begin();
    const url = new URL(callback);
    bend(url);
    const answer = await browser.visit(url.href);
    expect(queryOf(answer)).toEqual({ error, state: app.state, iss: issuer() });
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test('with a forged state shows a page whose link begins the browser’s last login again', async () => {
    const { app, browser, callback } = await begin();
    for (const state of ['forged', new URL(callback).searchParams.get('state')?.replace(/.$/, '')]) {
      const page = await browser.visit(`${service.url}${BASE}/auth/callback?state=${state}&code=x`);
      expect([page.status, page.headers.get('location')]).toEqual([400, null]);
      const link = /href="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
      const again = await browser.visit(`${service.url}${link}`);
      const back = await browser.visit(
        atReplica(service, await passKeycloak(browser, location(again).href, person)),
      );
      expect((await redeem(service, app, queryOf(back).code ?? '')).status).toBe(200);
    }
    const stranger = await call(`${service.url}${BASE}/auth/callback?state=forged&code=x`);
    expect([stranger.status, stranger.text.includes('href')]).toEqual([400, false]);
  });

  test('tells the app when Keycloak is away (D8)', async () => {
    const cut = await startService(
      {
        IDENTITY_KEYCLOAK_URL: 'http://127.0.0.1:9',
        IDENTITY_KEYCLOAK_PUBLIC_URL: testParts().keycloak.url,
      },
      { ready: false },
    );
    const { app, browser, callback } = await begin();
    const answer = await browser.visit(callback.replace(service.url, cut.url));
    await cut.stop();
    expect(queryOf(answer)).toEqual({ error: 'temporarily_unavailable', state: app.state, iss: issuer() });
  });

  test('is passed with the longest state an app may send', async () => {
    const app = createApp();
    const state = '"\\'.repeat(512);
    const { back } = await signInHosted(service, person, { app, extra: { state } });
    expect(queryOf(back)).toMatchObject({ state, code: expect.any(String) });
  });
});

describe('the one-time code', () => {
  const refusal = async (answer: ReturnType<typeof redeem>) => {
    const { status, body } = await answer;
    return [status, body.error];
  };

  test('is of no use with a wrong verifier, client or redirect URI, nor to a thief of it alone (RFC 7636 §4.6)', async () => {
    const { app, code } = await signInHosted(service, person);
    for (const wrong of [
      { code_verifier: createApp().verifier },
      { code_verifier: app.query.code_challenge },
      { client_id: 'nx-api' },
      { redirect_uri: `${app.redirectUri}/` },
      { code: `${code}x` },
    ]) {
      expect(await refusal(redeem(service, app, code, wrong))).toEqual([400, 'invalid_grant']);
    }
    for (const missing of ['code', 'client_id', 'redirect_uri', 'code_verifier']) {
      expect(await refusal(redeem(service, app, code, { [missing]: '' }))).toEqual([400, 'invalid_request']);
    }
    expect((await redeem(service, app, code)).status).toBe(200);
  });

  test('cannot be used twice, even at the same instant, and then its session ends (RFC 6749 §4.1.2)', async () => {
    const { app, code } = await signInHosted(service, person);
    const answers = await Promise.all(Array.from({ length: 10 }, () => redeem(service, app, code)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    expect(answers.filter((answer) => answer.body.error === 'invalid_grant')).toHaveLength(9);
    const [row] = await sql<{ end_reason: string }>(
      `SELECT session.end_reason FROM identity."AuthSession" AS session
       JOIN identity."AuthorizationCode" AS code ON code.session_id = session.id WHERE code.code_hash = $1`,
      [createHash('sha256').update(code).digest('base64url')],
    );
    expect(row?.end_reason).toBe('authorization_code_reused');
  });

  test('used again later ends the session that it opened (RFC 6749 §4.1.2)', async () => {
    const { app, code } = await signInHosted(service, person);
    const { access_token } = (await redeem(service, app, code)).body;
    expect(await refusal(redeem(service, app, code))).toEqual([400, 'invalid_grant']);
    const who = await call(`${service.url}${BASE}/auth/who-am-i`, { headers: bearer(access_token) });
    expect([who.status, who.body.code]).toEqual([401, 'session.ended']);
  });

  test('is refused when its minute is over, and its row goes an hour later (D7)', async () => {
    const { app, code } = await signInHosted(service, person);
    const hash = createHash('sha256').update(code).digest('base64url');
    const age = (by: string) =>
      sql('UPDATE identity."AuthorizationCode" SET expires_at = now() - $2::interval WHERE code_hash = $1', [
        hash,
        by,
      ]);
    await age('1 second');
    expect(await refusal(redeem(service, app, code))).toEqual([400, 'invalid_grant']);
    const rows = () => sql('SELECT FROM identity."AuthorizationCode" WHERE code_hash = $1', [hash]);
    const { purgeExpired } = await import('../../src/database/purge-expired.js');
    await purgeExpired(service.infrastructure.database);
    expect(await rows()).toHaveLength(1);
    await age('61 minutes');
    await purgeExpired(service.infrastructure.database);
    expect(await rows()).toHaveLength(0);
  });

  test('is refused once its client was suspended', async () => {
    const { app, code } = await signInHosted(service, person);
    const set = (status: string) =>
      sql('UPDATE identity."Client" SET status = $1 WHERE id = $2', [status, app.clientId]);
    await set('SUSPENDED');
    const refused = await refusal(redeem(service, app, code));
    await set('ACTIVE');
    expect(refused).toEqual([400, 'invalid_grant']);
  });
});
