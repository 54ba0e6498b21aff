import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { DEMO_MERCHANTS, DEMO_ORGANIZER, DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { createRealmVerifier } from '../../src/keycloak-gateway/index.js';
import { testParts } from '../parts.js';
import { BASE, bearer, call, postForm } from '../support/call.js';
import { sql } from '../support/database.js';
import { signInOnPage } from '../support/keycloak-page.js';
import { admin, createPerson, realm } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const [, owner] = DEMO_PEOPLE;

let service: TestService;
let app: { id: string; redirectUri: string };
/** A stranger's app in the same realm: its tokens do not name us. */
const stranger = {
  id: `plain-${randomBytes(4).toString('hex')}`,
  redirectUri: 'http://127.0.0.1:9/callback',
};

beforeAll(async () => {
  service = await startService({ IDENTITY_EXCHANGE_CLIENTS: `nx-spa,${stranger.id}` });
  app = { id: 'nx-spa', redirectUri: `${testParts().service.url}/` };
  const client = await admin();
  await client.clients.create({
    realm: realm(),
    clientId: stranger.id,
    publicClient: true,
    redirectUris: [stranger.redirectUri],
    standardFlowEnabled: true,
    directAccessGrantsEnabled: false,
  });
});
afterAll(() => service.stop());

const exchange = (subjectToken: string, extra: Record<string, string> = {}, at = service) =>
  postForm(`${at.url}${BASE}/auth/token`, {
    grant_type: EXCHANGE,
    subject_token: subjectToken,
    subject_token_type: ACCESS_TOKEN,
    ...extra,
  });

describe('token exchange', () => {
  test("an app's Keycloak token for us becomes a platform token, with amr, acr and auth_time copied (RFC 8693)", async () => {
    const tokens = await signInOnPage(owner, app);
    const answer = await exchange(tokens.access_token);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: 900,
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const keys = createRemoteJWKSet(new URL(`${service.url}/jw-certs`));
    const { payload } = await jwtVerify(answer.body.access_token, keys, { audience: 'nx' });
    const keycloak = decodeJwt(tokens.access_token);
    expect(payload).toMatchObject({
      userId: owner.id,
      organizers: [DEMO_ORGANIZER.id],
      merchants: DEMO_MERCHANTS.map(({ id }) => id),
      amr: keycloak.amr,
      acr: keycloak.acr,
      auth_time: keycloak.auth_time,
    });
  });

  test('two exchanges of one Keycloak session share one session here (D4)', async () => {
    const { access_token } = await signInOnPage(await createPerson(), app);
    const [one, two] = await Promise.all([exchange(access_token), exchange(access_token)]);
    const sessions = [one, two].map((answer) => decodeJwt(answer.body.access_token).session_id);
    expect(sessions[0]).toBe(sessions[1]);
  });

  test('the first arrival by exchange has the default role in its first token (S4)', async () => {
    const { access_token } = await signInOnPage(await createPerson(), app);
    const answer = await exchange(access_token);
    expect(decodeJwt(answer.body.access_token).roles).toEqual([
      { id: '3', identifier: '010_user', priority: 10 },
    ]);
  });

  test('a Keycloak session that was ended is refused at once, also after an earlier exchange (contract §4)', async () => {
    const person = await createPerson();
    const { access_token } = await signInOnPage(person, app);
    expect((await exchange(access_token)).status).toBe(200);
    await (await admin()).users.logout({ realm: realm(), id: person.keycloakId });
    expect(await refusal(exchange(access_token))).toBe('invalid_request');
  });

  test('a person who was disabled is refused at once (S9)', async () => {
    const person = await createPerson();
    const { access_token } = await signInOnPage(person, app);
    await (await admin()).users.update({ realm: realm(), id: person.keycloakId }, { enabled: false });
    expect(await refusal(exchange(access_token))).toBe('invalid_request');
  });

  test('a session that was signed out here is not opened again by exchange (S8)', async () => {
    const { access_token } = await signInOnPage(await createPerson(), app);
    const token = (await exchange(access_token)).body.access_token;
    await call(`${service.url}${BASE}/auth/sign-out`, { method: 'POST', headers: bearer(token) });
    expect(await refusal(exchange(access_token))).toBe('invalid_request');
  });

  test('nor while Keycloak still takes it for alive, as in an outage at the sign-out (S8, D8)', async () => {
    const { access_token } = await signInOnPage(await createPerson(), app);
    const token = (await exchange(access_token)).body.access_token;
    await sql(`UPDATE identity."AuthSession" SET ended_at = now(), end_reason = 'signed_out' WHERE id = $1`, [
      decodeJwt(token).session_id,
    ]);
    expect(await refusal(exchange(access_token))).toBe('invalid_request');
  });
});

describe('refused for exchange', () => {
  test("a token whose audience does not name us, before Keycloak's introspection is asked (contract §4)", async () => {
    const { config } = service.infrastructure;
    const verify = createRealmVerifier(config.keycloak);
    const [plain, ours] = [await signInOnPage(owner, stranger), await signInOnPage(owner, app)];
    expect(await verify(plain.access_token, {})).toBeNull();
    expect(await verify(ours.access_token, {})).toMatchObject({ azp: app.id });
  });

  test('a service account is nobody who could arrive here (contract §4)', async () => {
    const client = await admin();
    const [ours] = await client.clients.find({ realm: realm(), clientId: testParts().keycloak.clientId });
    const account = await client.clients.getServiceAccountUser({ realm: realm(), id: ours?.id ?? '' });
    expect(await service.infrastructure.admin.findPerson(account.id ?? '')).toBeNull();
  });

  test('a token whose audience does not name us, an ID token, a refresh token, and our own token (contract §4)', async () => {
    const plain = await signInOnPage(owner, stranger);
    expect(decodeJwt(plain.access_token).aud ?? []).not.toContain('nx-identity');
    const ours = await signInOnPage(owner, app);
    const platform = (await exchange(ours.access_token)).body.access_token;
    for (const token of [
      plain.access_token,
      ours.id_token,
      ours.refresh_token,
      platform,
      'a.b.c',
      '.'.repeat(20_000),
    ]) {
      expect(await refusal(exchange(token))).toBe('invalid_request');
    }
  });

  test("a service account's token, even when it names us (contract §4)", async () => {
    const { clientId, clientSecret, url } = testParts().keycloak;
    const answer = await postForm(
      `${url}/realms/${realm()}/protocol/openid-connect/token`,
      { grant_type: 'client_credentials' },
      { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    );
    expect(decodeJwt(answer.body.access_token).aud).toContain('nx-identity');
    const open = await startService({ IDENTITY_EXCHANGE_CLIENTS: clientId });
    try {
      expect(await refusal(exchange(answer.body.access_token, {}, open))).toBe('invalid_request');
    } finally {
      await open.stop();
    }
    expect(await sql(`SELECT FROM identity."User" WHERE username LIKE 'service-account-%'`)).toEqual([]);
  });

  test('a token of an app that is not listed (contract §4)', async () => {
    const { access_token } = await signInOnPage(owner, app);
    const closed = await startService({ IDENTITY_EXCHANGE_CLIENTS: 'somebody-else' });
    try {
      expect(await refusal(exchange(access_token, {}, closed))).toBe('invalid_request');
    } finally {
      await closed.stop();
    }
  });

  test.each([
    [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
    [{ subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' }, 400, 'invalid_request'],
    [{ audience: 'somebody-else' }, 400, 'invalid_target'],
    [{ actor_token: 'x' }, 400, 'invalid_request'],
    [{ client_secret: 'x' }, 401, 'invalid_client'],
  ])('a request with %j gets %i %s (RFC 6749 §5.2)', async (extra, status, error) => {
    const answer = await exchange('x', extra as unknown as Record<string, string>);
    expect([answer.status, answer.body.error]).toEqual([status, error]);
  });

  test('a parameter sent twice, and a missing grant type (RFC 6749 §3.2)', async () => {
    const url = `${service.url}${BASE}/auth/token`;
    for (const body of ['grant_type=a&grant_type=b', 'x=1', '']) {
      const answer = await call(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body,
      });
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
    }
  });
});

async function refusal(call: ReturnType<typeof exchange>): Promise<unknown> {
  const { status, body } = await call;
  return status === 400 ? body.error : `${status} ${JSON.stringify(body)}`;
}
