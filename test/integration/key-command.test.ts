import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import pg from 'pg';
import { DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { createNoteConsumer } from '../../src/tokens/index.js';
import { BASE, bearer, call, post, signIn } from '../support/call.js';
import {
  accessKeyFiles,
  createKeyReplica,
  createKeyWorld,
  type KeyWorld,
  keysCommand,
} from '../support/keys.js';
import { createPerson } from '../support/people.js';
import { spawnService } from '../support/process.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

let world: KeyWorld;
const services: TestService[] = [];
beforeEach(async () => {
  world = await createKeyWorld();
});
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
  await world.drop();
});

async function serve(overrides: Record<string, string> = {}): Promise<TestService> {
  const service = await startService({ ...world.environment, ...overrides });
  services.push(service);
  return service;
}
const keys = (...args: string[]) => keysCommand(world, args);
const kidIn = async (state: string) => (await world.keyOf(state))?.kid ?? 'none';
const publishedBy = async ({ url }: TestService): Promise<string[]> =>
  (await call(`${url}/jw-certs`)).body.keys.map(({ kid }: { kid: string }) => kid);
const whoAmI = async ({ url }: TestService, token: string) =>
  (await call(`${url}${BASE}/auth/who-am-i`, { headers: bearer(token) })).status;
const consumer = { service: 'sale', instance: '192.0.2.1' };
const noteConsumer = (kids: string[]) =>
  createNoteConsumer({ ...world, monotonicNow: () => 0, logger: { warn: () => undefined } })({
    ...consumer,
    kids,
  });

describe('keys list, keys status', () => {
  test('say which keys there are, and who lacks which (T5)', async () => {
    await serve();
    const first = await kidIn('current');
    await noteConsumer([first]);
    await keys('rotate');
    const next = await kidIn('next');
    const { code, text } = await keys('list');
    expect(code).toBe(0);
    expect(text).toMatch(new RegExp(`^${first} +ES256 +current`, 'm'));
    expect(text).toMatch(new RegExp(`^${next} +ES256 +next`, 'm'));
    const status = (await keys('status')).text;
    expect(status).toMatch(/^replica \S+ \(process \d+\)/m);
    expect(status).toMatch(new RegExp(`^sale at 192.0.2.1 +\\S+ +next ${next}$`, 'm'));
  });

  test('what is asked for wrongly changes nothing and ends with 2 (R8)', async () => {
    await serve();
    for (const args of [
      [],
      ['turn'],
      ['rotate', 'now'],
      ['rotate', '--wait', '--force'],
      ['rotate', '--timeout', 'soon'],
      ['rotate', '--what'],
      ['retire'],
      ['list', 'all'],
    ])
      expect([args, (await keys(...args)).code]).toEqual([args, 2]);
    expect(await world.states()).toEqual(['current']);
    for (const kid of ['unknown', `-${'k'.repeat(42)}`, `--${'k'.repeat(41)}`])
      expect(await keys('retire', kid, '--now')).toMatchObject({
        code: 1,
        text: expect.stringContaining(`There is no key ${kid}`),
      });
  });
});

test('without PostgreSQL, or before any server has started, it says so and ends with 1 (R8)', async () => {
  const away = await keysCommand(world, ['status'], { DATABASE_URL: 'postgres://x:y@127.0.0.1:9/z' });
  expect(away).toEqual({ code: 1, text: expect.stringContaining('PostgreSQL can not be reached') });
  rmSync(join(world.keysDir, 'access-token.pem'));
  expect(await keys('rotate')).toEqual({ code: 1, text: expect.stringContaining('start the service first') });
});

describe('keys rotate', () => {
  test('--force: the new key signs once every replica has it, whatever consumers lack (T5)', async () => {
    const service = await serve();
    await noteConsumer([await kidIn('current')]);
    const { code, text } = await keys('rotate', '--force');
    const kid = await kidIn('current');
    expect([code, text]).toEqual([0, expect.stringContaining(`It signs now: ${kid}`)]);
    expect(text).toContain('sale at 192.0.2.1 has not loaded it');
    await until('nothing has changed', async () => (await publishedBy(service))[0] === kid);
    const { accessToken } = (await signIn(service, await createPerson())).body;
    expect(decodeProtectedHeader(accessToken).kid).toBe(kid);
  });

  test('a second one goes on with the first, and may hurry it (T5)', async () => {
    await serve();
    expect((await keys('rotate')).text).toContain('signs 3600 s after every replica shows it');
    const next = await kidIn('next');
    expect((await keys('rotate')).text).toContain(`A rotation is under way already, with the key ${next}`);
    expect((await keys('rotate', '--force')).code).toBe(0);
    expect(await kidIn('current')).toBe(next);
    expect(accessKeyFiles(world.keysDir)).toHaveLength(2);
  });

  test('--wait: it stays until every consumer has it, and ends with 1 when its time is over (T5)', async () => {
    await serve();
    const first = await kidIn('current');
    await noteConsumer([first]);
    const wait = () =>
      keysCommand(world, ['rotate', '--wait', '--timeout', '1'], { IDENTITY_KEY_LEAD_S: '0' });
    const { code, text } = await wait();
    expect([code, text]).toEqual([1, expect.stringContaining('sale at 192.0.2.1 has not loaded it')]);
    expect(await kidIn('current')).toBe(first);
    await noteConsumer([first, await kidIn('next')]);
    expect((await wait()).code).toBe(0);
  });

  test('--print-secret prints a patch and nothing else; what it holds is taken up where it appears (T5)', async () => {
    const service = await serve();
    const { code, text } = await keys('rotate', '--print-secret');
    expect(code).toBe(0);
    expect(await world.states()).toEqual(['current']);
    const [[name = '', value = ''] = []] = Object.entries<string>(JSON.parse(text).data);
    writeFileSync(join(world.keysDir, name), Buffer.from(value, 'base64'), { mode: 0o600 });
    await until('nothing has changed', async () => (await publishedBy(service)).length === 2);
    expect(name).toBe(`access-token.${await kidIn('next')}.pem`);
    for (const args of [['rotate'], ['status'], ['list']])
      expect((await keys(...args)).text).not.toMatch(/PRIVATE KEY|LS0tLS1CRUdJTi/);
  });

  test('RS256 is published beside ES256, and both verify, here and elsewhere (T6)', async () => {
    const service = await serve();
    const before = (await signIn(service, await createPerson())).body.accessToken;
    await keysCommand(world, ['rotate', '--force'], { IDENTITY_SIGNING_ALG: 'RS256' });
    await until(
      'nothing has changed',
      async () => (await publishedBy(service))[0] === (await kidIn('current')),
    );
    const after = (await signIn(service, await createPerson())).body.accessToken;
    expect([before, after].map((token) => decodeProtectedHeader(token).alg)).toEqual(['ES256', 'RS256']);
    const set = createRemoteJWKSet(new URL(`${service.url}/jw-certs`));
    for (const token of [before, after]) {
      expect((await jwtVerify(token, set)).payload.userId).toEqual(expect.any(String));
      expect(await whoAmI(service, token)).toBe(200);
    }
    const [rsa] = (await call(`${service.url}/jw-certs`)).body.keys;
    expect(Object.keys(rsa).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    const discovery = (await call(`${service.url}/.well-known/openid-configuration`)).body;
    expect(discovery.id_token_signing_alg_values_supported).toEqual(['RS256', 'ES256']);
  });
});

describe('keys retire', () => {
  test('takes out a key that never signed, and refuses one that does or whose tokens are valid (T5)', async () => {
    await serve();
    const first = await kidIn('current');
    expect((await keys('retire', first)).code).toBe(1);
    await keys('rotate');
    const cancelled = await kidIn('next');
    expect((await keys('retire', cancelled)).code).toBe(0);
    await keys('rotate', '--force');
    expect((await keys('retire', first)).text).toContain('are valid until');
    await world.sql(`UPDATE identity."SigningKey" SET last_token_expires_by = now() WHERE kid = $1`, [first]);
    expect((await keys('retire', first)).code).toBe(0);
    expect((await keys('retire', first)).text).toContain('retired already');
    expect(await world.states()).toEqual(['current', 'retired', 'retired']);
  });

  test('--now: another key signs, every session ends, the old one is out of the set for ever, and all is told (T12)', async () => {
    const service = await serve();
    const leaked = await kidIn('current');
    await noteConsumer([leaked]);
    const person = await createPerson();
    const { accessToken, refreshToken, sessionId } = (await signIn(service, person)).body;
    const { code, text } = await keys('retire', leaked, '--now');
    const kid = await kidIn('current');
    expect(code).toBe(0);
    for (const line of [
      `The key that replaces it: ${kid}`,
      `Retired and revoked: ${leaked}`,
      'Sessions ended: 1.',
      'sale at 192.0.2.1 held it when it was last seen',
      'Out of reach from here',
    ])
      expect(text).toContain(line);
    await until('nothing has changed', async () => (await publishedBy(service)).join() === kid);
    expect(await whoAmI(service, accessToken)).toBe(401);
    expect((await post(`${service.url}${BASE}/auth/refresh`, { refreshToken })).status).toBe(401);
    const again = (await signIn(service, person)).body;
    expect(decodeProtectedHeader(again.accessToken).kid).toBe(kid);
    expect(await whoAmI(service, again.accessToken)).toBe(200);
    const restarted = await createKeyReplica(world);
    await restarted.look();
    expect(restarted.ring.revokedKids()).toEqual([leaked]);
    const trail = await world.sql(
      `SELECT action, after FROM identity."AuditEvent" WHERE action IN ('signing_key.revoked', 'session.ended')`,
    );
    expect(trail).toEqual([
      { action: 'signing_key.revoked', after: null },
      { action: 'session.ended', after: { sessionId, reason: 'key_retired' } },
    ]);
  });

  test('--now ends more sessions than one statement takes (T12)', async () => {
    const service = await serve();
    const { sessionId } = (await signIn(service, await createPerson())).body;
    await world.sql(
      `INSERT INTO identity."AuthSession" (id, keycloak_sid, user_id, client_id, origin, amr, auth_time, expires_at)
       SELECT id || '-' || n, keycloak_sid || '-' || n, user_id, client_id, origin, amr, auth_time, expires_at
       FROM identity."AuthSession", generate_series(1, 4500) AS n WHERE id = $1`,
      [sessionId],
    );
    expect((await keys('retire', await kidIn('current'), '--now')).text).toContain('Sessions ended: 4501.');
    expect(await world.sql('SELECT FROM identity."AuthSession" WHERE ended_at IS NULL')).toEqual([]);
    const told = await world.sql(
      `SELECT count(*)::integer AS lines FROM identity."AuditEvent" WHERE action = 'session.ended'`,
    );
    expect(told).toEqual([{ lines: 4501 }]);
  });

  test('--now waits for replicas, names who lags and retires nothing; --force leaves those out (T5, T12)', async () => {
    const service = await serve();
    const leaked = await kidIn('current');
    const late = await createKeyReplica({ ...world, keysDir: world.copyOfKeys() }, { name: 'the late one' });
    await late.look();
    const waited = await keys('retire', leaked, '--now', '--timeout', '1');
    expect([waited.code, waited.text]).toEqual([
      1,
      expect.stringContaining('replica the late one has not loaded it'),
    ]);
    expect(await kidIn('current')).toBe(leaked);
    const forced = await keys('retire', leaked, '--now', '--force', '--timeout', '1');
    expect(forced.code).toBe(0);
    await late.look();
    expect(late.ring.isUsable()).toBe(false);
    await until('nothing has changed', async () => !(await publishedBy(service)).includes(leaked));
  });

  test('a server that lacks the current key leaves the balancer (T5)', async () => {
    const left = await serve({ IDENTITY_KEYS_DIR: world.copyOfKeys() });
    const { code } = await keys('retire', await kidIn('current'), '--now', '--force', '--timeout', '0');
    expect(code).toBe(0);
    const ready = () => call(`${left.url}${BASE}/readyz`);
    await until('nothing has changed', async () => (await ready()).status === 503);
    expect((await ready()).body).toMatchObject({ status: 'starting', parts: { keys: 'down' } });
    const answer = await signIn(left, await createPerson());
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
  });

  test('--now replaces a key whose file is lost, so that servers are ready again (T12)', async () => {
    await (await createKeyReplica(world)).turn();
    const lost = await kidIn('current');
    rmSync(join(world.keysDir, 'access-token.pem'));
    await keys('rotate'); // a key that has not begun to sign is of no help by itself
    const service = await startService(world.environment, { ready: false });
    services.push(service);
    const ready = async () => (await call(`${service.url}${BASE}/readyz`)).status;
    expect(await ready()).toBe(503);
    expect((await keys('retire', lost, '--now')).code).toBe(0);
    await until('nothing has changed', async () => (await ready()) === 200);
    expect((await signIn(service, await createPerson())).status).toBe(200);
  });

  test('kill -9 in the middle: run again, it ends the sessions that were left, and no later one (T12)', async () => {
    const service = await serve();
    const leaked = await kidIn('current');
    const before = (await signIn(service, await createPerson())).body;
    const inTheWay = new pg.Client({ connectionString: world.superUrl });
    await inTheWay.connect();
    await inTheWay.query('BEGIN; LOCK TABLE identity."AuthSession" IN SHARE MODE');
    const killed = spawnService({ ...world.environment, RUN_MODE: 'keys' }, ['retire', leaked, '--now']);
    await killed.says('Retired and revoked');
    killed.kill('SIGKILL');
    await killed.exit;
    await inTheWay.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    await inTheWay.end();
    const after = (await signIn(service, await createPerson())).body;
    const kid = await kidIn('current');
    expect((await keys('retire', leaked, '--now')).text).toContain('Sessions ended: 1.');
    expect(await kidIn('current')).toBe(kid);
    const refresh = async ({ refreshToken }: { refreshToken: string }) =>
      (await post(`${service.url}${BASE}/auth/refresh`, { refreshToken })).status;
    expect([await refresh(before), await refresh(after)]).toEqual([401, 200]);
  });
});

describe('GET /keys', () => {
  test('shows platform administrators the keys and how far their rotation is (T5)', async () => {
    const service = await startService();
    services.push(service);
    const url = `${service.url}${BASE}/keys`;
    expect((await call(url)).status).toBe(401);
    const nobody = (await signIn(service, await createPerson())).body.accessToken;
    expect((await call(url, { headers: bearer(nobody) })).status).toBe(403);
    const admin = (await signIn(service, DEMO_PEOPLE[0])).body.accessToken;
    expect(decodeJwt(admin).iss).toBeDefined();
    const { status, body } = await call(url, { headers: bearer(admin) });
    expect([status, body]).toEqual([
      200,
      [
        {
          kid: decodeProtectedHeader(admin).kid,
          alg: 'ES256',
          state: 'current',
          createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
          publishedAt: expect.any(String),
          activatedAt: expect.any(String),
          supersededAt: null,
          lastTokenExpiresBy: null,
          retiredAt: null,
          revokedAt: null,
        },
      ],
    ]);
    const document = (await call(`${service.url}${BASE}/doc/openapi.json`)).body;
    const schema =
      document.paths[`${BASE}/keys`].get.responses[200].content['application/json'].schema.items.properties;
    expect(schema.createdAt).toEqual({ type: 'string', format: 'date-time' });
  });
});
