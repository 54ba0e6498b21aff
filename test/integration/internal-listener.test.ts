import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_PEOPLE, DEMO_SERVICE } from '../../embedded/demo-data.js';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import { testParts } from '../parts.js';
import { BASE, bearer, call, postForm, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { spawnService } from '../support/process.js';
import { startService, type TestService } from '../support/service.js';
import { basic, createService, malformed, statusFrom } from '../support/services.js';

const sale = basic(DEMO_SERVICE.name, DEMO_SERVICE.secret);
const REFUSED = [401, 'service.refused', 'Basic realm="nx-identity", charset="UTF-8"'];

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const at = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  call(`${service.internalUrl}${path}`, { method, headers });
const outcome = ({ status, body, headers }: Awaited<ReturnType<typeof call>>) => [
  status,
  body?.code,
  headers.get('www-authenticate'),
];

describe('the internal listener', () => {
  test('tells a service who it is and which calls it is granted (P7, contract §7)', async () => {
    const answer = await at('/whoami', sale);
    expect([answer.status, answer.body]).toEqual([
      200,
      { service: 'sale', calls: ['customers.read', 'customers.write', 'policies.read', 'whoami'] },
    ]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('is one answer to whoever has no credential, whatever path and method (contract §7)', async () => {
    const origin = new URL(service.internalUrl).origin;
    const paths = ['/whoami', '/nothing', '/../../jw-certs', '/%zz', `/${'x'.repeat(9000)}`];
    for (const path of paths) {
      for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE']) {
        expect([path, method, ...outcome(await at(path, {}, method))]).toEqual([path, method, ...REFUSED]);
      }
    }
    for (const path of ['/', '/jw-certs', '/health', `${BASE}/doc/openapi.json`, `${BASE}/auth/sign-in`]) {
      expect([path, ...outcome(await call(`${origin}${path}`))]).toEqual([path, ...REFUSED]);
    }
    const preflight = { origin: 'https://a.example', 'access-control-request-method': 'GET' };
    expect(outcome(await at('/whoami', preflight, 'OPTIONS'))).toEqual(REFUSED);
  });

  test('refuses what is no right credential, all alike: malformed, 100 kB, NUL, unknown, wrong (faults)', async () => {
    const own = await createService();
    const { secret } = own.credential;
    for (const [what, authorization] of malformed(own.name, secret)) {
      const answer = await at('/whoami', authorization === undefined ? {} : { authorization });
      expect([what, ...outcome(answer)]).toEqual([what, ...REFUSED]);
    }
    expect((await at('/whoami', basic(own.name, secret))).status).toBe(200);
  });

  test('takes no JWT: neither a platform administrator nor a system token (faults)', async () => {
    const [admin] = DEMO_PEOPLE;
    const person = (await signIn(service, admin)).body.accessToken;
    const form = { grant_type: 'client_credentials' };
    const system = (await postForm(`${service.url}${BASE}/auth/token`, form, sale)).body.access_token;
    for (const token of [person, system]) {
      expect(outcome(await at('/whoami', bearer(token)))).toEqual(REFUSED);
    }
  });

  test.each([
    'Forwarded',
    'Via',
    'X-Forwarded-For',
    'X-Forwarded-Proto',
    'X-Forwarded-Host',
    'X-Forwarded',
    'X-Real-IP',
    'X-Client-IP',
    'X-Original-Forwarded-For',
    'X-Envoy-External-Address',
    'True-Client-IP',
    'CF-Connecting-IP',
  ])('refuses the right credential with a header %s, an empty one too (P7)', async (name) => {
    for (const value of ['127.0.0.1', '']) {
      expect(outcome(await at('/whoami', { ...sale, [name]: value }))).toEqual(REFUSED);
    }
  });

  test('403 outside the grant, 404 and 405 only for whoever is known (contract, order of refusals)', async () => {
    const other = await createService({ calls: ['otp.start'] });
    const known = basic(other.name, other.credential.secret);
    expect(outcome(await at('/whoami', known)).slice(0, 2)).toEqual([403, 'service.call_not_granted']);
    expect(outcome(await at('/nothing', known)).slice(0, 2)).toEqual([404, 'request.not_found']);
    const wrongMethod = await at('/whoami', known, 'POST');
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'GET']);
  });

  test('answers problems and request ids as the public one does (contract §8)', async () => {
    const { body, headers } = await at('/nothing', { ...sale, 'x-request-id': 'internal-0001' });
    expect(headers.get('x-request-id')).toBe('internal-0001');
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ status: 404, statusCode: 404, requestId: 'internal-0001' });
  });

  test('is not on the public port, nor in its OpenAPI document (P7)', async () => {
    expect((await call(`${service.url}/internal/identity/whoami`, { headers: sale })).status).toBe(404);
    expect((await call(`${service.url}${BASE}/doc/openapi.json`)).text).not.toContain('/internal/');
  });

  test('a suspended service is refused (P5)', async () => {
    const own = await createService();
    await sql(`UPDATE identity."Service" SET status = 'SUSPENDED' WHERE id = $1`, [own.id]);
    expect(outcome(await at('/whoami', basic(own.name, own.credential.secret)))).toEqual(REFUSED);
  });
});

test('stops with the service: what is under way is answered, nothing new is taken (faults)', async () => {
  const brief = await startService();
  const own = await createService();
  const { database } = brief.infrastructure;
  const { query } = database;
  let lookUps = 0;
  database.query = (text, values) => {
    if (text.includes('"ServiceCredential"')) lookUps += 1;
    return query(text, values);
  };
  const whoami = (secret: string) =>
    call(`${brief.internalUrl}/whoami`, { headers: basic(own.name, secret) });
  const guesses = Array.from({ length: 10 }, (_, index) => whoami(`guess-${index}`)); // twenty hashes before it
  const last = whoami(own.credential.secret);
  while (lookUps <= guesses.length) await new Promise(setImmediate);
  await brief.stop();
  expect((await Promise.all(guesses)).map(({ status }) => status)).toEqual(Array(10).fill(401));
  expect((await last).status).toBe(200);
  await expect(call(`${brief.internalUrl}/whoami`)).rejects.toThrow('fetch failed');
});

describe('addresses', () => {
  test("only the socket's address counts: allowed or refused, whatever headers claim (P7)", async () => {
    const narrow = await startService({ IDENTITY_SERVICE_ADDRESSES: '127.0.0.2, 10.0.0.0/8' });
    const from = (address: string, headers: Record<string, string>) =>
      statusFrom(address, `${narrow.internalUrl}/whoami`, headers);
    try {
      expect(await from('127.0.0.2', sale)).toBe(200);
      expect(await from('127.0.0.1', sale)).toBe(401);
      const spoofed = { ...sale, 'x-forwarded-for': '10.1.1.1' };
      expect(await from('127.0.0.1', spoofed)).toBe(401);
      const answer = await call(`${narrow.internalUrl}/whoami`, { headers: sale });
      expect(outcome(answer)).toEqual(REFUSED);
    } finally {
      await narrow.stop();
    }
  });
});

describe('the process', () => {
  const environment = serviceEnvironment;

  test('refuses to start when the internal port is taken, with code 1 (R8)', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const taken = { IDENTITY_PORT: '0', IDENTITY_METRICS_PORT: '0', IDENTITY_INTERNAL_PORT: String(port) };
    const child = spawnService({ ...environment(testParts()), ...taken });
    expect((await child.exit).code).toBe(1);
    expect(child.output()).toContain('EADDRINUSE');
    other.close();
  });

  test('names the service in the log line, and never its secret (R5)', async () => {
    const child = spawnService({ ...environment(testParts()), LOG_LEVEL: 'trace' });
    await child.says('"listening"');
    const url = `http://127.0.0.1:${testParts().service.internalPort}/internal/identity`;
    const headers = { 'x-request-id': 'who-am-i-01' };
    expect((await call(`${url}/whoami`, { headers: { ...headers, ...sale } })).status).toBe(200);
    await call(`${url}/whoami`, { headers: basic('sale', 'canary-secret-4711') });
    child.kill('SIGTERM');
    expect((await child.exit).code).toBe(0);
    const lines = child.output().trim().split('\n');
    const [entry] = lines.filter((line) => line.includes('who-am-i-01')).map((line) => JSON.parse(line));
    expect(entry).toMatchObject({ service: 'sale', route: '/internal/identity/whoami', status: 200 });
    const secrets = [DEMO_SERVICE.secret, 'canary-secret-4711'];
    const written = [...secrets, ...secrets.map((text) => basic('sale', text).authorization.slice(6))];
    for (const secret of written) expect(child.output()).not.toContain(secret);
  });
});
