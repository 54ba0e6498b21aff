import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { testParts } from '../parts.js';
import { type Answer, BASE, bearer, call, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { admin, createPerson, realm } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';
import { openWire, through, type Wire } from '../support/wire.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

async function service(overrides: Record<string, string>): Promise<TestService> {
  const started = await startService({ IDENTITY_KEYCLOAK_TIMEOUT_MS: '5000', ...overrides });
  cleanUp.push(() => started.stop());
  return started;
}

async function wireTo(port: number): Promise<Wire> {
  const wire = await openWire(port);
  cleanUp.push(wire.cut);
  return wire;
}

/** Something that answers in Keycloak's place as Keycloak never should. */
async function brokenKeycloak(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  cleanUp.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

function expectUnavailable(answer: Answer): void {
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Object.keys(answer.body).sort()).toEqual([
    'code',
    'detail',
    'message',
    'normalized',
    'requestId',
    'status',
    'statusCode',
    'title',
    'type',
  ]);
}

describe('Redis away', () => {
  test('sign-in and refresh go on under half the limit, and Redis is used again when it returns (D8, O6)', async () => {
    const { redis } = testParts();
    const wire = await wireTo(Number(new URL(redis.url).port));
    const one = await service({
      REDIS_URL: through(redis.url, wire.port),
      IDENTITY_LIMIT_SIGN_IN_PER_IDENTIFIER: '6',
    });
    wire.cut();
    const person = await createPerson();
    const statuses = [];
    for (let attempt = 0; attempt < 4; attempt += 1) statuses.push((await signIn(one, person)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    await wire.mend();
    await until(
      'nothing has changed',
      async () => (await call(`${one.url}${BASE}/readyz`)).body.parts.redis === 'up',
    );
    expect((await signIn(one, await createPerson())).status).toBe(200);
  });
});

describe('PostgreSQL away', () => {
  test('answers 503 in bounded time, keeps serving keys, says so, and heals (D8)', async () => {
    const { postgres } = testParts();
    const wire = await wireTo(postgres.port);
    const one = await service({ DATABASE_URL: through(postgres.appUrl, wire.port) });
    const person = await createPerson();
    const { accessToken, refreshToken } = (await signIn(one, person)).body;
    wire.cut();
    expectUnavailable(await signIn(one, person));
    expectUnavailable(await post(`${one.url}${BASE}/auth/refresh`, { refreshToken }));
    expectUnavailable(await call(`${one.url}${BASE}/auth/who-am-i`, { headers: bearer(accessToken) }));
    expect((await call(`${one.url}/jw-certs`)).status).toBe(200);
    await until(
      'nothing has changed',
      async () => (await call(`${one.url}${BASE}/readyz`)).body.parts.postgres === 'down',
    );
    expect((await call(`${one.url}${BASE}/readyz`)).body.status).toBe('degraded');
    await wire.mend();
    await until(
      'nothing has changed',
      async () => (await post(`${one.url}${BASE}/auth/refresh`, { refreshToken })).status === 200,
    );
  });
});

describe('Keycloak away', () => {
  test('sign-in is 503; a refresh goes on until the next check is due, and costs no session then (D8, D4)', async () => {
    const { keycloak } = testParts();
    const wire = await wireTo(Number(new URL(keycloak.url).port));
    const one = await service({
      IDENTITY_KEYCLOAK_URL: `http://127.0.0.1:${wire.port}`,
      IDENTITY_KEYCLOAK_PUBLIC_URL: keycloak.url,
    });
    const { refreshToken, accessToken, sessionId } = (await signIn(one, await createPerson())).body;
    wire.cut();
    expectUnavailable(await signIn(one, await createPerson()));
    const refresh = (token: string) => post(`${one.url}${BASE}/auth/refresh`, { refreshToken: token });
    const next = await refresh(refreshToken);
    expect(next.status).toBe(200);
    await sql(
      `UPDATE identity."AuthSession" SET keycloak_checked_at = now() - interval '301 s' WHERE id = $1`,
      [sessionId],
    );
    expectUnavailable(await refresh(next.body.refreshToken));
    expect((await call(`${one.url}${BASE}/auth/who-am-i`, { headers: bearer(accessToken) })).status).toBe(
      200,
    );
    await wire.mend();
    await until('nothing has changed', async () => (await refresh(next.body.refreshToken)).status === 200);
  });

  test('a sign-out is done here at once, and in Keycloak when it is back (S8, D8)', async () => {
    const { keycloak } = testParts();
    const wire = await wireTo(Number(new URL(keycloak.url).port));
    const one = await startService(
      {
        IDENTITY_KEYCLOAK_URL: `http://127.0.0.1:${wire.port}`,
        IDENTITY_KEYCLOAK_PUBLIC_URL: keycloak.url,
        IDENTITY_KEYCLOAK_TIMEOUT_MS: '5000',
      },
      { worker: true },
    );
    cleanUp.push(() => one.stop());
    const person = await createPerson();
    const { accessToken } = (await signIn(one, person)).body;
    wire.cut();
    const answer = await post(`${one.url}${BASE}/auth/sign-out`, {}, bearer(accessToken));
    expect(answer.status).toBe(204);
    expect((await call(`${one.url}${BASE}/auth/who-am-i`, { headers: bearer(accessToken) })).status).toBe(
      401,
    );
    const sessions = async () =>
      (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId });
    expect(await sessions()).toHaveLength(1);
    await wire.mend();
    await until('nothing has changed', async () => (await sessions()).length === 0);
  });

  test.each([
    ['answers 500', (_: IncomingMessage, response: ServerResponse) => response.writeHead(500).end('boom')],
    ['answers HTML', (_: IncomingMessage, response: ServerResponse) => response.end('<html>')],
    [
      'answers half a JSON',
      (_: IncomingMessage, response: ServerResponse) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"access_token":"x'),
    ],
    [
      'refuses our secret',
      (_: IncomingMessage, response: ServerResponse) =>
        response
          .writeHead(401, { 'content-type': 'application/json' })
          .end('{"error":"unauthorized_client"}'),
    ],
    ['never answers', () => undefined],
  ])('a Keycloak that %s is 503 within the time-out, and tells nothing (faults)', async (_what, answer) => {
    const url = await brokenKeycloak(answer);
    const one = await startService(
      { IDENTITY_KEYCLOAK_URL: url, IDENTITY_KEYCLOAK_TIMEOUT_MS: '500' },
      { ready: false },
    );
    cleanUp.push(() => one.stop());
    await until(
      'nothing has changed',
      async () => (await call(`${one.url}${BASE}/readyz`)).body.parts.postgres === 'up',
    );
    const refused = await signIn(one, { email: 'a@b.test', password: 'x' });
    expectUnavailable(refused);
    expect(refused.body.code).toBe('keycloak.unavailable');
  });
});
