import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_MERCHANTS, DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { api, refusal } from '../support/api.js';
import { assignRole, newId } from '../support/branches.js';
import { BASE, bearer, call, post, postForm, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { createPerson } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { basic } from '../support/services.js';
import { statusAt, statusOf } from '../support/status-lists.js';
import { until } from '../support/until.js';

const AT = '/services';
let service: TestService;
let admin: string;
let send: ReturnType<typeof api>;

beforeAll(async () => {
  service = await startService();
  send = api(service);
  admin = (await signIn(service, DEMO_PEOPLE[0])).body.accessToken;
});
afterAll(() => service.stop());

const newName = () => `made-${randomBytes(6).toString('hex')}`;

/** A service with one secret, made over HTTP; its tokens are for itself. */
async function register() {
  const name = newName();
  const made = await send('POST', AT, admin, { name, description: 'A test', defaultAudience: name });
  const added = await send('POST', `${AT}/${made.body.id}/credentials`, admin, {});
  return { name, made, added, id: made.body.id as string, secret: added.body.secret as string };
}
const tokenOf = (name: string, secret: string) =>
  postForm(`${service.url}${BASE}/auth/token`, { grant_type: 'client_credentials' }, basic(name, secret));
const whoami = (name: string, secret: string) =>
  call(`${service.internalUrl}/whoami`, { headers: basic(name, secret) });

describe('a service over HTTP', () => {
  test('is made, proves itself by a secret that one answer alone showed, and makes the calls it is granted (P5)', async () => {
    const { name, made, added, id, secret } = await register();
    expect([made.status, added.status]).toEqual([201, 201]);
    expect(made.body).toMatchObject({ name, status: 'ACTIVE', defaultAudience: name, grants: [] });
    expect(added.body).toMatchObject({ slot: 1, expiresAt: null, lastUsedAt: null, revokedAt: null });
    expect(added.headers.get('cache-control')).toBe('no-store');
    const shown = await Promise.all([
      send('GET', `${AT}/${id}`, admin),
      send('GET', `${AT}/${id}/credentials`, admin),
      send('GET', `${AT}?limit=200`, admin),
    ]);
    expect(shown.map(({ text }) => text).join()).not.toContain(secret);
    expect(JSON.stringify(await sql('SELECT * FROM identity."ServiceCredential"'))).not.toContain(secret);
    expect((await tokenOf(name, secret)).status).toBe(200);
    const granted = await send('POST', `${AT}/${id}/grants`, admin, { call: 'whoami' });
    expect([granted.status, granted.body.grants]).toMatchObject([
      201,
      [{ call: 'whoami', merchantId: null }],
    ]);
    await until('not granted', async () => (await whoami(name, secret)).status === 200, 20_000);
    const [grant] = granted.body.grants;
    expect((await send('DELETE', `${AT}/${id}/grants/${grant.id}`, admin)).status).toBe(204);
    expect((await send('DELETE', `${AT}/${id}/grants/${grant.id}`, admin)).status).toBe(404);
    const trail = await sql(
      `SELECT action FROM identity."AuditEvent" WHERE subject_type = 'service' AND subject_id = $1
       AND actor_type = 'admin' ORDER BY created_at`,
      [id],
    );
    expect(trail.map(({ action }) => action)).toEqual([
      'service.created',
      'service.credential_added',
      'service.granted',
      'service.grant_removed',
    ]);
  });

  test('has two credentials and no third, however many ask at once; an expired one gives its slot up (P5)', async () => {
    const { id } = await register();
    const asked = await Promise.all(
      Array.from({ length: 4 }, () => send('POST', `${AT}/${id}/credentials`, admin, { expiresInDays: 1 })),
    );
    expect(asked.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    expect(refusal(await send('POST', `${AT}/${id}/credentials`, admin, {}))).toEqual([
      409,
      'service.slots_taken',
    ]);
    await sql(
      `UPDATE identity."ServiceCredential" SET expires_at = now() - interval '1 minute' WHERE service_id = $1 AND slot = 2`,
      [id],
    );
    const next = await send('POST', `${AT}/${id}/credentials`, admin, {});
    expect([next.status, next.body.slot]).toEqual([201, 2]);
  });

  test('loses a revoked credential and its system tokens, and keeps the other one (S8)', async () => {
    const { name, id, added, secret } = await register();
    const second = (await send('POST', `${AT}/${id}/credentials`, admin, {})).body;
    const [first, other] = await Promise.all([tokenOf(name, secret), tokenOf(name, second.secret)]);
    const at = `${AT}/${id}/credentials/${added.body.id}`;
    expect((await send('DELETE', at, admin)).status).toBe(204);
    expect((await send('DELETE', at, admin)).status).toBe(404);
    await until(
      'not revoked',
      async () => (await statusAt(service, statusOf(first.body.access_token))) === 1,
    );
    expect(await statusAt(service, statusOf(other.body.access_token))).toBe(0);
    await until('still taken', async () => (await tokenOf(name, secret)).status === 401, 20_000);
    expect((await tokenOf(name, second.secret)).status).toBe(200);
  });

  test('that is suspended proves nothing, its tokens end at sisters, and it is itself again when resumed (S8)', async () => {
    const { name, id, secret } = await register();
    const second = (await send('POST', `${AT}/${id}/credentials`, admin, {})).body.secret as string;
    const tokens = async () =>
      Promise.all(
        [secret, second].map(async (each) => (await tokenOf(name, each)).body.access_token as string),
      );
    const statuses = (of: string[]) => Promise.all(of.map((token) => statusAt(service, statusOf(token))));
    const before = await tokens();
    const suspended = await send('PATCH', `${AT}/${id}`, admin, { status: 'SUSPENDED' });
    expect([suspended.status, suspended.body.status]).toEqual([200, 'SUSPENDED']);
    await until('not revoked', async () => !(await statuses(before)).includes(0));
    await until('still taken', async () => (await tokenOf(name, secret)).status === 401, 20_000);
    await until('still taken', async () => (await tokenOf(name, second)).status === 401, 20_000);
    await send('PATCH', `${AT}/${id}`, admin, { status: 'ACTIVE' });
    expect(await statuses(await tokens())).toEqual([0, 0]);
  });

  test('is refused under a taken name, for an unknown audience, merchant, or call (contract §5b)', async () => {
    const { name, id } = await register();
    expect(refusal(await send('POST', AT, admin, { name }))).toEqual([409, 'service.exists']);
    const nowhere = { name: newName(), defaultAudience: newName() };
    expect(refusal(await send('POST', AT, admin, nowhere))).toEqual([422, 'service.unknown_audience']);
    const grant = (body: object) => send('POST', `${AT}/${id}/grants`, admin, body);
    expect((await grant({ call: 'customers.read', merchantId: newId() })).status).toBe(404);
    expect((await grant({ call: 'Customers Read' })).status).toBe(422);
    const real = { call: 'customers.read', merchantId: DEMO_MERCHANTS[0]?.id };
    expect((await grant(real)).status).toBe(201);
    expect(refusal(await grant(real))).toEqual([409, 'service.grant_exists']);
    expect(refusal(await send('GET', `${AT}/${newId()}`, admin))).toEqual([404, 'request.not_found']);
    expect((await send('POST', `${AT}/${newId()}/credentials`, admin, {})).status).toBe(404);
    expect((await send('GET', `${AT}/${newId()}/credentials`, admin)).status).toBe(404);
  });
});

describe('apps over HTTP', () => {
  const app = (extra: object = {}) => ({
    id: newName(),
    name: 'An app',
    redirectUris: ['https://app.example/back'],
    ...extra,
  });
  const login = (id: string, redirectUri: string) =>
    call(
      `${service.url}${BASE}/auth/login?client_id=${id}&redirect_uri=${encodeURIComponent(redirectUri)}&state=s` +
        `&code_challenge=${'a'.repeat(43)}&code_challenge_method=S256`,
    );

  test('are registered, and Keycloak’s pages lead back to exactly what was registered (RFC 9700 §2.1)', async () => {
    const draft = app({ redirectUris: ['https://app.example/back', 'http://[::1]:8080/back'] });
    const made = await send('POST', '/clients', admin, draft);
    expect([made.status, made.body]).toMatchObject([201, { ...draft, merchantId: null, status: 'ACTIVE' }]);
    expect((await login(draft.id, 'https://app.example/back')).status).toBe(302);
    for (const other of [
      'https://app.example/back/',
      'https://app.example/back?x=1',
      'https://app.example/',
    ]) {
      expect((await login(draft.id, other)).status).not.toBe(302);
    }
    const changed = await send('PATCH', `/clients/${draft.id}`, admin, {
      redirectUris: ['https://app.example/'],
    });
    expect(changed.body).toMatchObject({ name: 'An app', redirectUris: ['https://app.example/'] });
    expect((await login(draft.id, 'https://app.example/back')).status).not.toBe(302);
    expect((await login(draft.id, 'https://app.example/')).status).toBe(302);
    await send('PATCH', `/clients/${draft.id}`, admin, { status: 'SUSPENDED' });
    expect((await login(draft.id, 'https://app.example/')).status).not.toBe(302);
    expect((await send('GET', `/clients/${draft.id}`, admin)).body.status).toBe('SUSPENDED');
    expect(refusal(await send('POST', '/clients', admin, draft))).toEqual([409, 'client.exists']);
  });

  test('of a merchant are of one that is there; the app of those who name none stays as it is (contract §4)', async () => {
    const merchantId = DEMO_MERCHANTS[0]?.id;
    const draft = app({ merchantId });
    expect((await send('POST', '/clients', admin, draft)).body.merchantId).toBe(merchantId);
    const { body } = await send('GET', `/clients?merchantId=${merchantId}&limit=200`, admin);
    expect(body.map(({ id }: { id: string }) => id)).toContain(draft.id);
    expect((await send('POST', '/clients', admin, app({ merchantId: newId() }))).status).toBe(404);
    expect(refusal(await send('PATCH', '/clients/nx-api', admin, { status: 'SUSPENDED' }))).toEqual([
      409,
      'client.kept',
    ]);
    expect((await send('PATCH', '/clients/nobody-has-this', admin, { name: 'x' })).status).toBe(404);
  });

  test.each([
    ['http elsewhere', 'http://app.example/back'],
    ['a fragment', 'https://app.example/back#'],
    ['a wildcard', 'https://*.example/back'],
    ['a name', 'https://app@evil.example/back'],
    ['a script', 'javascript:alert(1)'],
    ['a path', '/back'],
    ['what a browser writes otherwise', 'https://app.example/a/../back'],
    ['capitals', 'https://APP.example/back'],
    ['a loopback look-alike', 'http://localhost.evil.example/back'],
    ['a line break', 'https://app.example/back\n'],
  ])('are not registered with %s as the way back (RFC 9700 §2.1)', async (_what, uri) => {
    const refused = await send('POST', '/clients', admin, app({ redirectUris: [uri] }));
    expect([refused.status, refused.body.errors?.[0]?.path]).toEqual([422, 'redirectUris.0']);
  });
});

describe('who registers', () => {
  const writes: [string, string, object?][] = [
    ['POST', AT, { name: 'x' }],
    ['PATCH', `${AT}/1`, { status: 'SUSPENDED' }],
    ['POST', `${AT}/1/grants`, { call: 'x' }],
    ['DELETE', `${AT}/1/grants/1`],
    ['POST', `${AT}/1/credentials`, {}],
    ['DELETE', `${AT}/1/credentials/1`],
    ['POST', '/clients', { id: 'x', name: 'x' }],
    ['PATCH', '/clients/nx-demo', { name: 'x' }],
  ];

  test('administrators of the platform alone, not an owner (contract §5b)', async () => {
    const owner = (await signIn(service, DEMO_PEOPLE[1])).body.accessToken;
    const reads: [string, string][] = [
      ['GET', AT],
      ['GET', `${AT}/1`],
      ['GET', `${AT}/1/credentials`],
      ['GET', '/clients'],
    ];
    for (const [method, path, body] of [...writes, ...reads]) {
      expect(refusal(await send(method, path, owner, body))).toEqual([403, 'request.role_missing']);
    }
  });

  test('after a fresh sign-in, and not with the token of somebody who is no administrator any more (RFC 9470)', async () => {
    const person = await createPerson();
    const userId = (await signIn(service, person)).body.user.id;
    await assignRole(userId, '900_admin', null);
    const { accessToken, refreshToken, sessionId } = (await signIn(service, person)).body;
    await sql(`UPDATE identity."AuthSession" SET auth_time = now() - interval '6 minutes' WHERE id = $1`, [
      sessionId,
    ]);
    const old = (await post(`${service.url}${BASE}/auth/refresh`, { refreshToken })).body.accessToken;
    for (const [method, path, body] of writes) {
      const refused = await send(method, path, old, body);
      expect(refusal(refused)).toEqual([401, 'token.insufficient_user_authentication']);
    }
    expect((await call(`${service.url}${BASE}${AT}`, { headers: bearer(old) })).status).toBe(200);
    await sql(`DELETE FROM public."PolicyDefinition" WHERE subject_id = $1 AND target_id = '1'`, [userId]);
    await until('still an administrator', async () => {
      const { status } = await send('POST', AT, accessToken, { name: newName() });
      return status === 403;
    });
  });
});
