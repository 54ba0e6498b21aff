import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import { testParts } from '../parts.js';
import { BASE, bearer, call, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { createPerson } from '../support/people.js';
import { type ServiceProcess, spawnService } from '../support/process.js';

let keysDir: string;
beforeAll(() => {
  keysDir = mkdtempSync(join(tmpdir(), 'keys-'));
  cpSync(testParts().keysDir, keysDir, { recursive: true });
});
afterAll(() => rmSync(keysDir, { recursive: true }));

const environment = (extra: Record<string, string> = {}) => ({
  ...serviceEnvironment(testParts()),
  IDENTITY_PORT: String(testParts().service.port),
  IDENTITY_KEYCLOAK_TIMEOUT_MS: '20000', // on a busy machine too
  ...extra,
});

const running = async (service: ServiceProcess) => {
  await service.says('listening');
  const url = testParts().service.url;
  while (!(await call(`${url}${BASE}/readyz`)).status.toString().startsWith('2'))
    await new Promise(setImmediate);
  return { url };
};

/** How it ended; a process that starts after all is no reason to wait for the test's time-out. */
const refusal = (service: ServiceProcess) =>
  Promise.race([
    service.exit,
    service.says('listening').then(() => {
      service.kill('SIGKILL');
      throw new Error('it started');
    }),
  ]);

describe('the process refuses to start, with code 1 and a line that says why', () => {
  test('when the environment is wrong: every problem at once (R8)', async () => {
    const service = spawnService({ DATABASE_URL: 'mysql://x', IDENTITY_PORT: '-1' });
    expect((await refusal(service)).code).toBe(1);
    for (const name of [
      'DATABASE_URL',
      'IDENTITY_PORT',
      'REDIS_URL is missing',
      'IDENTITY_KEYS_DIR is missing',
    ]) {
      expect(service.output()).toContain(name);
    }
  });

  test('when a key file is open to others (T4)', async () => {
    chmodSync(join(keysDir, 'access-token.pem'), 0o644);
    const service = spawnService(environment({ IDENTITY_KEYS_DIR: keysDir }));
    expect((await refusal(service)).code).toBe(1);
    expect(service.output()).toMatch(/access-token\.pem: is open to others/);
    chmodSync(join(keysDir, 'access-token.pem'), 0o600);
  });

  test('when there are no keys at all (T4)', async () => {
    const service = spawnService(environment({ IDENTITY_KEYS_DIR: '/nonexistent' }));
    expect((await refusal(service)).code).toBe(1);
    expect(service.output()).toContain('access-token.pem: is missing');
  });

  test("when the realm's sessions are shorter than ours (D4)", async () => {
    // It listens until Keycloak has told the realm's times.
    const service = spawnService(environment({ IDENTITY_SESSION_ABSOLUTE_TTL_S: '2000000' }));
    expect((await service.exit).code).toBe(1);
    expect(service.output()).toContain('SSO session max');
  });

  test('when its port is taken (R8)', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const service = spawnService(environment({ IDENTITY_PORT: String(port) }));
    expect((await refusal(service)).code).toBe(1);
    expect(service.output()).toContain('EADDRINUSE');
    other.close();
  });
});

describe('the running process', () => {
  test('finishes requests in flight on SIGTERM and ends with code 0 (faults)', async () => {
    const person = await createPerson();
    const service = spawnService(environment());
    const at = await running(service);
    const inFlight = signIn(at, person);
    await new Promise((resolve) => setTimeout(resolve, 50)); // the request is on its way
    service.kill('SIGTERM');
    expect((await inFlight).status).toBe(200);
    expect((await service.exit).code).toBe(0);
  });

  test('kill -9 right after a rotation loses nobody: the old token works once more on the next process (S10)', async () => {
    const person = await createPerson();
    const first = spawnService(environment());
    const at = await running(first);
    const { refreshToken } = (await signIn(at, person)).body;
    const lost = await post(`${at.url}${BASE}/auth/refresh`, { refreshToken });
    first.kill('SIGKILL');
    await first.exit;
    const second = spawnService(environment());
    await running(second);
    const again = await post(`${at.url}${BASE}/auth/refresh`, { refreshToken });
    expect(again.body.refreshToken).toBe(lost.body.refreshToken);
    second.kill('SIGTERM');
    await second.exit;
  });

  test('writes no password, token, key or full phone number anywhere (R5)', async () => {
    const person = await createPerson({
      attributes: { phoneNumber: ['+84907654321'], phoneNumberVerified: ['true'] },
    });
    const canary = 'canary-password-4711';
    const service = spawnService(environment({ LOG_LEVEL: 'trace' }));
    const at = await running(service);
    const { body } = await signIn(at, person);
    const refused = await signIn(
      at,
      { ...person, password: canary },
      { headers: { 'x-request-id': 'canary-request' } },
    );
    await post(`${at.url}${BASE}/auth/sign-in`, `{"password":"${canary}"`);
    await post(`${at.url}${BASE}/auth/refresh`, { refreshToken: `${body.refreshToken}x` });
    await call(`${at.url}${BASE}/auth/who-am-i?token=${canary}`, { headers: bearer(body.accessToken) });
    await call(`${at.url}${BASE}/${canary}`, {
      headers: { 'user-agent': 'a\u0085b' },
    });
    service.kill('SIGTERM');
    await service.exit;
    const log = service.output();
    expect(log).toContain('canary-request');
    const secrets = [
      canary,
      person.password,
      body.accessToken,
      body.refreshToken,
      '+84907654321',
      testParts().keycloak.clientSecret,
    ];
    const signatures = [body.accessToken, body.refreshToken].map(
      (token: string) => token.split('.')[2] ?? '',
    );
    for (const secret of [...secrets, ...signatures, 'PRIVATE KEY']) {
      expect(log).not.toContain(secret);
      expect(refused.text).not.toContain(secret);
    }
    for (const line of log.trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
  });

  test('logs each request once, with request id, route template and user (R5)', async () => {
    const person = await createPerson();
    const service = spawnService(environment());
    const at = await running(service);
    const { body } = await signIn(at, person, { headers: { 'x-request-id': 'sign-in-0001' } });
    service.kill('SIGTERM');
    await service.exit;
    const lines = service
      .output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const entry = lines.filter((line) => line.requestId === 'sign-in-0001');
    expect(entry).toHaveLength(1);
    expect(entry[0]).toMatchObject({
      level: 'info',
      route: `${BASE}/auth/sign-in`,
      method: 'POST',
      status: 200,
      userId: body.user.id,
      'identifier.scheme': 'email',
    });
  });
});

describe('RUN_MODE=migrate', () => {
  test('runs as a job: exits 0, and once more changes nothing, also when two jobs race (R1)', async () => {
    const job = () => spawnService({ RUN_MODE: 'migrate', DATABASE_URL: testParts().postgres.ownerUrl });
    const before = await sql('SELECT * FROM identity."Migration" ORDER BY id');
    const jobs = [job(), job()];
    for (const { exit } of jobs) expect((await exit).code).toBe(0);
    expect(await sql('SELECT * FROM identity."Migration" ORDER BY id')).toEqual(before);
  });

  test('without a database it ends with code 1 and says so (R8)', async () => {
    const job = spawnService({ RUN_MODE: 'migrate' });
    expect((await job.exit).code).toBe(1);
    expect(job.output()).toContain('DATABASE_URL');
  });
});
