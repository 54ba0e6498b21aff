import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { testParts } from '../parts.js';
import { eventsOf } from '../support/audit.js';
import { redeem, signInHosted } from '../support/browser.js';
import { BASE, bearer, call, postForm, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { admin, createPerson, realm } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const whoAmI = (service: TestService, token: string) =>
  call(`${service.url}${BASE}/auth/who-am-i`, { headers: bearer(token) });

describe('what an administrator ends in the console', () => {
  let service: TestService;
  beforeAll(async () => {
    // Where Keycloak was told that we are.
    service = await startService({ IDENTITY_PORT: String(testParts().service.port) });
  });
  afterAll(() => service.stop());

  test('ends here at once, without waiting for the recheck: one session (S8, D5)', async () => {
    const person = await createPerson();
    const one = (await signIn(service, person)).body;
    const other = (await signIn(service, person)).body;
    const [row] = await sql<{ keycloak_sid: string }>(
      'SELECT keycloak_sid FROM identity."AuthSession" WHERE id = $1',
      [one.sessionId],
    );
    await (await admin()).realms.deleteSession({
      realm: realm(),
      session: row?.keycloak_sid ?? '',
      isOffline: false,
    });
    expect((await whoAmI(service, one.accessToken)).status).toBe(401);
    expect((await whoAmI(service, other.accessToken)).status).toBe(200);
    const [ended] = await sql('SELECT end_reason FROM identity."AuthSession" WHERE id = $1', [one.sessionId]);
    expect(ended).toEqual({ end_reason: 'keycloak_ended' });
    expect((await eventsOf(service.infrastructure.database, one.user.id)).at(-1)).toMatchObject({
      actor: { type: 'system', id: 'keycloak' },
      action: 'session.ended',
      after: { sessionId: one.sessionId, reason: 'keycloak_ended' },
    });
  });

  test('ends here at once: all of a person, also what apps opened on one Keycloak session (S8, D5)', async () => {
    const person = await createPerson();
    const first = await signInHosted(service, person);
    const next = await signInHosted(service, person, { browser: first.browser });
    const tokens = await Promise.all([first, next].map(({ app, code }) => redeem(service, app, code)));
    await (await admin()).users.logout({ realm: realm(), id: person.keycloakId });
    for (const { body } of tokens) expect((await whoAmI(service, body.access_token)).status).toBe(401);
  });

  test('and signing out here of one app signs out of the browser’s other apps (S8)', async () => {
    const person = await createPerson();
    const first = await signInHosted(service, person);
    const next = await signInHosted(service, person, { browser: first.browser });
    const [one, two] = await Promise.all([first, next].map(({ app, code }) => redeem(service, app, code)));
    const signedOut = await call(`${service.url}${BASE}/auth/sign-out`, {
      method: 'POST',
      headers: bearer(one?.body.access_token),
    });
    expect(signedOut.status).toBe(204);
    expect((await whoAmI(service, two?.body.access_token)).status).toBe(401);
  });
});

/** Keycloak's logout tokens can't be bent without its key: here the realm's keys are the test's own. */
describe('a logout token', () => {
  let service: TestService;
  let second: TestService;
  let realmKeys: Server;
  let key: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
  const issuer = () => `${testParts().keycloak.url}/realms/nx`;

  beforeAll(async () => {
    const pair = await generateKeyPair('RS256');
    key = pair.privateKey;
    const keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'test', alg: 'RS256', use: 'sig' }];
    realmKeys = createServer((_request, response) => response.end(JSON.stringify({ keys })));
    await new Promise<void>((resolve) => realmKeys.listen(0, '127.0.0.1', resolve));
    const overrides = {
      IDENTITY_KEYCLOAK_URL: `http://127.0.0.1:${(realmKeys.address() as AddressInfo).port}`,
      IDENTITY_KEYCLOAK_PUBLIC_URL: testParts().keycloak.url,
    };
    [service, second] = await Promise.all([startService(overrides), startService(overrides)]);
  });
  afterAll(async () => {
    await Promise.all([service.stop(), second.stop()]);
    realmKeys.close();
  });

  /** A session of ours on a Keycloak session of the test's own invention. */
  async function openSession() {
    const sid = randomUUID();
    const sub = randomUUID();
    await sql(
      `INSERT INTO identity."User" (id, keycloak_id, username, display_name) VALUES ($1, $1, $1, $1)`,
      [sub],
    );
    await sql(
      `INSERT INTO identity."AuthSession" (id, keycloak_sid, user_id, client_id, origin, amr, auth_time, expires_at)
       VALUES ($1, $1, $2, 'nx-api', 'sign_in', '{}', now(), now() + interval '1 hour')`,
      [sid, sub],
    );
    const endReason = async () => {
      const [row] = await sql<{ end_reason: string | null }>(
        'SELECT end_reason FROM identity."AuthSession" WHERE id = $1',
        [sid],
      );
      return row?.end_reason;
    };
    return { sid, sub, endReason };
  }

  type Claims = Record<string, unknown>;
  const now = () => Math.floor(Date.now() / 1000);
  const straight = (ids: { sid?: string; sub?: string }): Claims => ({
    iss: issuer(),
    aud: 'nx-identity',
    iat: now(),
    exp: now() + 120,
    jti: randomUUID(),
    events: { [EVENT]: {} },
    ...ids,
  });
  const sign = (claims: Claims, header: Record<string, unknown> = {}, by = key) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'test', typ: 'logout+jwt', ...header })
      .sign(by);
  const send = (logout_token: string, at = service) =>
    postForm(`${at.url}${BASE}/auth/backchannel-logout`, { logout_token });

  test('ends the session of its sid, or all of its sub, and is answered no-store (Back-Channel Logout §2.8)', async () => {
    for (const pick of ['sid', 'sub'] as const) {
      const session = await openSession();
      const answer = await send(await sign(straight({ [pick]: session[pick] })));
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(await session.endReason()).toBe('keycloak_ended');
    }
  });

  test('of a session that nobody here knows is fine: there is nothing to end', async () => {
    expect((await send(await sign(straight({ sid: 'nobody' })))).status).toBe(200);
  });

  test('counts once: replayed it is refused, on another replica too, and ten at once end it once', async () => {
    const session = await openSession();
    const token = await sign(straight({ sid: session.sid }));
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => send(token, index % 2 ? second : service)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(400)]);
    expect((await send(token, second)).status).toBe(400);
  });

  const bent: [string, (good: Claims) => Claims, header?: Record<string, unknown>][] = [
    ['another type', (good) => good, { typ: 'JWT' }],
    ['no type', (good) => good, { typ: undefined }],
    ['a nonce', (good) => ({ ...good, nonce: 'x' })],
    ['another audience', (good) => ({ ...good, aud: 'nx-spa' })],
    ['no audience', ({ aud: _, ...good }) => good],
    ['another issuer', (good) => ({ ...good, iss: 'https://evil.example/realms/nx' })],
    ['no events', ({ events: _, ...good }) => good],
    ['another event', (good) => ({ ...good, events: { 'http://example.test/other': {} } })],
    ['an event that is no object', (good) => ({ ...good, events: { [EVENT]: 'yes' } })],
    ['neither sid nor sub', ({ sid: _, ...good }) => good],
    ['a sid that is a list', (good) => ({ ...good, sid: [good.sid] })],
    ['no jti', ({ jti: _, ...good }) => good],
    ['no exp', ({ exp: _, ...good }) => good],
    ['an exp that is over', (good) => ({ ...good, exp: now() - 10 })],
    [
      'an iat of three minutes ago, whatever its exp',
      (good) => ({ ...good, iat: now() - 180, exp: now() + 3600 }),
    ],
    ['an iat in the future', (good) => ({ ...good, iat: now() + 60 })],
    ['an unknown key', (good) => good, { kid: 'other' }],
  ];
  // Filled up, or jest would hand `done` to a test in the place of the header that is missing.
  const rows = bent.map(([what, bend, header = {}]) => [what, bend, header] as const);
  test.each(rows)('with %s is 400 and ends nothing', async (_what, bend, header) => {
    const session = await openSession();
    const token = await sign(bend(straight({ sid: session.sid })), header);
    const answer = await send(token);
    expect([answer.status, answer.body]).toEqual([
      400,
      { error: 'invalid_request', error_description: 'the logout token is not acceptable' },
    ]);
    expect(await session.endReason()).toBeNull();
  });

  test('of another signer, cut, endless, missing or sent twice is 400 and ends nothing', async () => {
    const session = await openSession();
    const good = await sign(straight({ sid: session.sid }));
    const stranger = (await generateKeyPair('RS256')).privateKey;
    const none = `${Buffer.from('{"alg":"none","typ":"logout+jwt"}').toString('base64url')}.${good.split('.')[1]}.`;
    for (const token of [
      await sign(straight({ sid: session.sid }), {}, stranger),
      good.slice(0, -4),
      none,
      '',
      '.'.repeat(9000),
    ]) {
      expect((await send(token)).status).toBe(400);
    }
    const twice = await call(`${service.url}${BASE}/auth/backchannel-logout`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `logout_token=${good}&logout_token=${good}`,
    });
    expect(twice.status).toBe(400);
    expect(await session.endReason()).toBeNull();
  });
});
