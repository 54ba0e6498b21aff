import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { testParts } from '../parts.js';
import { eventsOf } from '../support/audit.js';
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
import { BASE, bearer, call, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { admin, createPerson, realm } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

/** An app on another site, whose redirect URI has a query of its own. */
const far = { id: 'nx-far', redirectUri: 'https://app.example.test/back?from=nx' };
const farApp = () => createApp(far.id, far.redirectUri);

let service: TestService;
let second: TestService;
let third: TestService;
beforeAll(async () => {
  service = await startService();
  [second, third] = await Promise.all([startService(), startService()]);
  await sql('INSERT INTO identity."Client" (id, name, redirect_uris) VALUES ($1, $1, $2)', [
    far.id,
    [far.redirectUri],
  ]);
});
afterAll(() => Promise.all([service, second, third].map((replica) => replica.stop())));

const whoAmI = (token: string) => call(`${service.url}${BASE}/auth/who-am-i`, { headers: bearer(token) });
const issuer = () => testParts().service.url;

describe("sign-in on Keycloak's pages", () => {
  test('ends in the same session answer as by password, for a person of any door (S3, S4)', async () => {
    const person = await createPerson();
    const { app, code } = await signInHosted(service, person, { app: farApp() });
    const answer = await redeem(service, app, code);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const byPassword = (await signIn(service, person)).body;
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: 900,
      refresh_token: expect.any(String),
      refresh_expires_in: expect.any(Number),
      sessionId: expect.any(String),
      user: byPassword.user,
      nextAction: byPassword.nextAction,
    });
    const claims = decodeJwt(answer.body.access_token);
    expect(claims).toMatchObject({
      client_id: far.id,
      amr: ['pwd'],
      session_id: answer.body.sessionId,
      roles: [{ id: '3', identifier: '010_user', priority: 10 }],
    });
    expect((await whoAmI(answer.body.access_token)).status).toBe(200);
    const told = await eventsOf(service.infrastructure.database, answer.body.user.id);
    expect(told.find(({ after }) => after?.sessionId === answer.body.sessionId)).toMatchObject({
      actor: { type: 'user', id: answer.body.user.id },
      action: 'session.opened',
      after: { clientId: far.id, via: 'hosted' },
    });
    const refreshed = await post(`${service.url}${BASE}/auth/refresh`, {
      refreshToken: answer.body.refresh_token,
    });
    expect(refreshed.status).toBe(200);
  });

  test('begins on one replica, comes back on a second, and is redeemed on a third (R1)', async () => {
    const app = farApp();
    const browser = createBrowser();
    const started = await browser.visit(loginUrl(service, app.query));
    const callback = await passKeycloak(browser, location(started).href, await createPerson());
    const back = await browser.visit(atReplica(second, callback));
    expect((await redeem(third, app, queryOf(back).code ?? '')).status).toBe(200);
  });

  test("sends the app its state and our iss, beside what its redirect URI had, and keeps Keycloak's token sealed (RFC 9207, D4)", async () => {
    const { app, back, code } = await signInHosted(service, await createPerson(), { app: farApp() });
    expect(back.status).toBe(302);
    expect(location(back).origin + location(back).pathname).toBe('https://app.example.test/back');
    expect(queryOf(back)).toEqual({ from: 'nx', code, state: app.state, iss: issuer() });
    const { sessionId } = (await redeem(service, app, code)).body;
    const [row] = await sql<{ keycloak_refresh_token: string; origin: string }>(
      'SELECT * FROM identity."AuthSession" WHERE id = $1',
      [sessionId],
    );
    expect(row?.keycloak_refresh_token).toMatch(/^[\w-]{8}\.[\w-]{100,}$/);
    const codes = await sql<{ code_hash: string }>('SELECT code_hash FROM identity."AuthorizationCode"');
    expect(codes.map((stored) => stored.code_hash)).not.toContain(code);
  });

  test('binds the browser by the contract’s cookie, and nothing it shows can be read', async () => {
    const app = farApp();
    const started = await call(loginUrl(service, app.query));
    const [cookie = ''] = started.headers.getSetCookie();
    expect(cookie).toMatch(
      /^nx_state=[\w.%-]+; Max-Age=600; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/,
    );
    for (const secret of [app.state, app.query.code_challenge, far.id]) {
      expect(cookie).not.toContain(secret);
      expect(location(started).href).not.toContain(secret);
    }
    const keycloak = queryOf(started);
    expect(keycloak).toMatchObject({
      response_type: 'code',
      client_id: 'nx-identity',
      redirect_uri: `${issuer()}${BASE}/auth/callback`,
      code_challenge_method: 'S256',
      nonce: expect.any(String),
    });
    const secure = await startService({
      IDENTITY_JWT_ISSUER: 'https://id.example.test',
      IDENTITY_DEV_TOOLS: '0',
    });
    const [hosted = ''] = (await call(loginUrl(secure, app.query))).headers.getSetCookie();
    await secure.stop();
    expect(hosted).toMatch(/^__Host-nx_state=.*; Path=\/; .*HttpOnly; Secure; SameSite=Lax$/);
  });

  test('gives a browser the refresh cookie only when the app is of our site (contract §4)', async () => {
    const person = await createPerson();
    const near = await signInHosted(service, person);
    expect(near.back.headers.getSetCookie().find((line) => line.startsWith('nx_refresh='))).toMatch(
      /^nx_refresh=.*Path=\/v1\/api\/identity\/auth;.*HttpOnly; SameSite=Strict$/,
    );
    const byCookie = await near.browser.visit(`${service.url}${BASE}/auth/refresh`, { method: 'POST' });
    expect(byCookie.status).toBe(200);
    const elsewhere = await signInHosted(service, person, { app: farApp() });
    expect(elsewhere.back.headers.getSetCookie().join()).not.toContain('nx_refresh');
  });

  test('lets two tabs of one browser sign in at once, begun in any order (contract §4)', async () => {
    const browser = createBrowser();
    const person = await createPerson();
    const [one, two] = [farApp(), createApp()];
    const startedOne = await browser.visit(loginUrl(service, one.query));
    const startedTwo = await browser.visit(loginUrl(service, two.query));
    const backTwo = await passKeycloak(browser, location(startedTwo).href, person);
    const backOne = await passKeycloak(browser, location(startedOne).href, person);
    for (const [app, url] of [
      [one, backOne],
      [two, backTwo],
    ] as const) {
      const back = await browser.visit(atReplica(service, url));
      expect((await redeem(service, app, queryOf(back).code ?? '')).status).toBe(200);
    }
  });

  test("hands prompt, ui_locales and login_hint on, and tells the app Keycloak's own error (contract §4)", async () => {
    const app = farApp();
    const wishes = { prompt: 'none', ui_locales: 'en', login_hint: 'who@example.test' };
    const browser = createBrowser();
    const started = await browser.visit(loginUrl(service, { ...app.query, ...wishes }));
    expect(queryOf(started)).toMatchObject(wishes);
    const fromKeycloak = await browser.visit(location(started).href);
    const back = await browser.visit(atReplica(service, location(fromKeycloak).href));
    expect(queryOf(back)).toEqual({ from: 'nx', error: 'login_required', state: app.state, iss: issuer() });
  });
});

describe('one Keycloak session, several apps', () => {
  test('each app has a refresh family of its own, and signing out of one signs out of all (D4, S8)', async () => {
    const person = await createPerson();
    const first = await signInHosted(service, person, { app: farApp() });
    const { body: one } = await redeem(service, first.app, first.code);
    const next = await signInHosted(service, person, { browser: first.browser });
    const { body: two } = await redeem(service, next.app, next.code);
    expect(two.sessionId).not.toBe(one.sessionId);
    const refresh = (refreshToken: string) => post(`${service.url}${BASE}/auth/refresh`, { refreshToken });
    const moved = await refresh(one.refresh_token);
    expect([moved.status, (await refresh(two.refresh_token)).status]).toEqual([200, 200]);
    expect((await refresh(moved.body.refreshToken)).status).toBe(200);
  });

  test('a Keycloak session that was ended here opens no session again, though Keycloak may not know yet (S8)', async () => {
    const person = await createPerson();
    const first = await signInHosted(service, person, { app: farApp() });
    const { sessionId } = (await redeem(service, first.app, first.code)).body;
    // As if Keycloak had been away at the sign-out.
    await sql(`UPDATE identity."AuthSession" SET ended_at = now(), end_reason = 'signed_out' WHERE id = $1`, [
      sessionId,
    ]);
    const again = await signInHosted(service, person, { browser: first.browser, app: farApp() });
    expect(queryOf(again.back).error).toBe('login_required');
    const fresh = await signInHosted(service, person, { browser: first.browser, app: farApp() });
    expect(fresh.code).not.toBe('');
  });

  test('a person whom the platform suspended gets no code (S9)', async () => {
    const person = await createPerson();
    const { sessionId } = (await signIn(service, person)).body;
    await sql(`UPDATE identity."User" SET status = 'SUSPENDED' WHERE keycloak_id = $1`, [person.keycloakId]);
    const { back } = await signInHosted(service, person, { app: farApp() });
    expect(queryOf(back)).toMatchObject({ error: 'access_denied' });
    const left = await (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId });
    const [byPassword] = await sql('SELECT keycloak_sid AS id FROM identity."AuthSession" WHERE id = $1', [
      sessionId,
    ]);
    expect(left).toMatchObject([byPassword]);
  });
});
