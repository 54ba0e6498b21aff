import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { DEMO_PEOPLE, DEMO_SERVICE } from '../../embedded/demo-data.js';
import { composeServices } from '../../src/compose-services.js';
import { createApp } from '../../src/http/create-app.js';
import { listen } from '../../src/http/listen.js';
import { NO_PEOPLE } from '../../src/http/no-people.js';
import { defineRoute, type Route } from '../../src/http/route.js';
import { testParts } from '../parts.js';
import { BASE, bearer, call, postForm, signIn } from '../support/call.js';
import { queryAs, sql } from '../support/database.js';
import { startService, type TestService } from '../support/service.js';
import { addCredential, basic, createService, malformed, revoke, statusFrom } from '../support/services.js';

const notCounted = { countRefusal: () => undefined };
const sale = basic(DEMO_SERVICE.name, DEMO_SERVICE.secret);

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const ask = (headers: Record<string, string>, extra: Record<string, string> = {}, at = service) =>
  postForm(`${at.url}${BASE}/auth/token`, { grant_type: 'client_credentials', ...extra }, headers);
const refusal = async (answer: ReturnType<typeof ask>) => {
  const { status, body } = await answer;
  return [status, body.error];
};
const claimsOf = async (answer: ReturnType<typeof ask>) => decodeJwt((await answer).body.access_token);

describe('client_credentials', () => {
  test('gives a service a system token for itself, verified from /jw-certs: no user, no session, 5 min (T8)', async () => {
    const answer = await ask(sale);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      expires_in: 300,
    });
    expect([answer.headers.get('cache-control'), answer.headers.get('pragma')]).toEqual([
      'no-store',
      'no-cache',
    ]);
    const { issuer } = service.infrastructure.config.tokens;
    const keys = createRemoteJWKSet(new URL(`${service.url}/jw-certs`));
    const { payload, protectedHeader } = await jwtVerify(answer.body.access_token, keys, {
      issuer,
      audience: 'sale',
      typ: 'at+jwt',
    });
    expect(protectedHeader.alg).toBe('ES256');
    const iat = payload.iat ?? 0;
    expect(payload).toEqual({
      iss: issuer,
      aud: 'sale',
      iat: expect.any(Number),
      nbf: iat - 5,
      exp: iat + 300,
      jti: expect.any(String),
      sub: 'service:sale',
      client_id: 'sale',
      roles: [],
      account_type: 'service',
      typ: 'Bearer',
      token_type: 'system',
      token_scope: 'SYSTEM',
      status: { status_list: { idx: expect.any(Number), uri: `${issuer}${BASE}/token-status-lists/1` } },
    });
  });

  test('the roles are those of PolicyDefinition at that moment, inherited ones included (T3, D6)', async () => {
    const own = await createService();
    const known = basic(own.name, own.credential.secret);
    expect((await claimsOf(ask(known))).roles).toEqual([]);
    const assign = `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id)`;
    await sql(`${assign} VALUES ($1, 'assign_role', 'Service', $2, 'Role', '2')`, [`r-${own.id}`, own.id]);
    await sql(`${assign} VALUES ($1, 'assign_role', 'User', $2, 'Role', '1')`, [`u-${own.id}`, own.id]);
    await sql(`${assign} VALUES ($1, 'role_inherits', 'Role', '2', 'Role', '3')`, [`i-${own.id}`]);
    expect((await claimsOf(ask(known))).roles).toEqual([
      { id: '2', identifier: '500_owner', priority: 500 },
      { id: '3', identifier: '010_user', priority: 10 },
    ]);
    await sql('DELETE FROM public."PolicyDefinition" WHERE id = ANY($1)', [
      ['r', 'u', 'i'].map((prefix) => `${prefix}-${own.id}`),
    ]);
  });

  test('resource or audience names one registered service (RFC 8707)', async () => {
    const other = (await createService()).name;
    for (const target of [
      { resource: `service:${other}` },
      { audience: other },
      { resource: other, audience: other },
    ]) {
      expect((await claimsOf(ask(sale, target))).aud).toBe(other);
    }
  });

  test('an unknown, a suspended, a second or no audience is invalid_target (RFC 8707 §2)', async () => {
    const suspended = await createService();
    await sql(`UPDATE identity."Service" SET status = 'SUSPENDED' WHERE id = $1`, [suspended.id]);
    const other = (await createService()).name;
    for (const target of [
      { resource: 'https://nowhere.example' },
      { audience: 'nobody' },
      { audience: 'nx' },
      { audience: '' },
      { audience: 'sale\0' },
      { audience: suspended.name },
      { resource: 'service:sale', audience: other },
    ]) {
      expect([target, await refusal(ask(sale, target))]).toEqual([target, [400, 'invalid_target']]);
    }
    const twice = `grant_type=client_credentials&resource=service:sale&resource=service:${other}`;
    const answer = await call(`${service.url}${BASE}/auth/token`, {
      method: 'POST',
      headers: { ...sale, 'content-type': 'application/x-www-form-urlencoded' },
      body: twice,
    });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_target']);
    const homeless = await createService({ audience: false });
    expect(await refusal(ask(basic(homeless.name, homeless.credential.secret)))).toEqual([
      400,
      'invalid_target',
    ]);
  });

  test('what is no right credential is invalid_client, all alike, with a Basic challenge (RFC 6749 §5.2)', async () => {
    const own = await createService();
    const { secret } = own.credential;
    const bodies = new Set<string>();
    for (const [what, authorization] of malformed(own.name, secret)) {
      if (what === '100 kB') continue; // no header of that size reaches the public port's routes: 431
      const answer = await ask(authorization === undefined ? {} : { authorization });
      expect([what, answer.status, answer.body.error]).toEqual([what, 401, 'invalid_client']);
      expect(answer.headers.get('www-authenticate')).toBe('Basic realm="nx-identity", charset="UTF-8"');
      bodies.add(answer.text);
    }
    expect(bodies.size).toBe(1);
    expect((await ask(basic(own.name, secret))).status).toBe(200);
  });

  test('through a proxy, or from another address, the right credential is invalid_client (P5, contract §7)', async () => {
    for (const name of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']) {
      expect(await refusal(ask({ ...sale, [name]: '127.0.0.1' }))).toEqual([401, 'invalid_client']);
    }
    const elsewhere = await startService({
      IDENTITY_SERVICE_ADDRESSES: '192.0.2.0/24',
      IDENTITY_TRUSTED_HOPS: '1',
    });
    try {
      expect(await refusal(ask(sale, {}, elsewhere))).toEqual([401, 'invalid_client']);
      const claimed = { ...sale, 'x-forwarded-for': '192.0.2.1' };
      expect(await refusal(ask(claimed, {}, elsewhere))).toEqual([401, 'invalid_client']);
    } finally {
      await elsewhere.stop();
    }
  });

  test('a service that proves itself twice is refused (RFC 6749 §2.3)', async () => {
    for (const extra of [{ client_secret: 'x' }, { client_assertion: 'x' }, { client_id: 'other' }]) {
      expect(await refusal(ask(sale, extra))).toEqual([400, 'invalid_request']);
    }
    expect((await ask(sale, { client_id: 'sale' })).status).toBe(200);
  });

  test('discovery tells of the grant and of the way to authenticate (RFC 8414 §2)', async () => {
    const { body } = await call(`${service.url}/.well-known/oauth-authorization-server`);
    expect(body.grant_types_supported).toContain('client_credentials');
    expect(body.token_endpoint_auth_methods_supported).toContain('client_secret_basic');
  });
});

describe("on users' routes", () => {
  test('a system token is refused, even one whose audience is ours (P5)', async () => {
    const ours = await createService({ name: 'nx' });
    try {
      const { access_token } = (await ask(sale, { audience: 'nx' })).body;
      expect(decodeJwt(access_token).aud).toBe(service.infrastructure.config.tokens.audience);
      for (const [method, path] of [
        ['GET', 'who-am-i'],
        ['POST', 'sign-out'],
        ['POST', 'sign-out-all'],
      ] as const) {
        const answer = await call(`${service.url}${BASE}/auth/${path}`, {
          method,
          headers: bearer(access_token),
        });
        expect([answer.status, answer.body.code]).toEqual([401, 'token.invalid']);
      }
    } finally {
      await sql('DELETE FROM identity."ServiceGrant" WHERE service_id = $1', [ours.id]);
      await sql('DELETE FROM identity."ServiceCredential" WHERE service_id = $1', [ours.id]);
      await sql('DELETE FROM identity."Service" WHERE id = $1', [ours.id]);
    }
  });

  test('BASIC is refused (P5, faults)', async () => {
    const answer = await call(`${service.url}${BASE}/auth/who-am-i`, { headers: sale });
    expect([answer.status, answer.body.code]).toEqual([401, 'token.invalid']);
  });
});

describe('a route marked for services on the public port', () => {
  /** Ours has none yet; this is the same application with one. */
  const serveRoute = async (access: { service: string }) => {
    const { infrastructure } = service;
    const route = defineRoute({
      method: 'post',
      path: '/marked',
      summary: 'A test',
      tag: 'test',
      access,
      responses: { 204: { description: 'Done' } },
      handle: async (_input, caller) => ({ status: 204, headers: { 'X-Caller': caller.name } }),
    });
    const open: Route = { ...route, path: '/open', access: 'public', handle: async () => ({ status: 204 }) };
    const handle = createApp({
      routes: [route, open],
      trustedHops: 1,
      corsOrigins: [],
      secureCookies: false,
      personGate: NO_PEOPLE,
      serviceGate: (await composeServices(infrastructure, notCounted)).gate,
      logger: infrastructure.logger,
      metrics: infrastructure.metrics,
    });
    return listen({ host: '127.0.0.1', port: 0, handle });
  };

  test('takes BASIC within the grant, directly and not through a proxy; other routes stay open (P5)', async () => {
    const listener = await serveRoute({ service: 'customers.read' });
    const post = (path: string, headers: Record<string, string>) =>
      call(`http://127.0.0.1:${listener.port}${path}`, { method: 'POST', headers });
    try {
      const answer = await post('/marked', sale);
      expect([answer.status, answer.headers.get('x-caller')]).toEqual([204, 'sale']);
      for (const headers of [{}, basic('sale', 'wrong'), { ...sale, 'x-forwarded-for': '127.0.0.1' }]) {
        const refused = await post('/marked', headers as Record<string, string>);
        expect([refused.status, refused.body.code]).toEqual([401, 'service.refused']);
      }
      const person = (await signIn(service, DEMO_PEOPLE[0])).body.accessToken;
      expect((await post('/marked', bearer(person))).status).toBe(401);
      const ungranted = await createService({ calls: ['customers.write'] });
      const outside = await post('/marked', basic(ungranted.name, ungranted.credential.secret));
      expect([outside.status, outside.body.code]).toEqual([403, 'service.call_not_granted']);
      expect((await post('/open', { 'x-forwarded-for': '192.0.2.1' })).status).toBe(204);
      expect((await post('/nothing', {})).status).toBe(404);
    } finally {
      await listener.close();
    }
  });
});

describe('credentials', () => {
  test('two are right at once; the older is refused after its revocation, within ten seconds (P5)', async () => {
    const own = await createService();
    const next = await addCredential(own.id, 2);
    let now = 0;
    const { service: identity } = await composeServices(service.infrastructure, notCounted, {
      monotonicNow: () => now,
    });
    const identify = (secret: string) =>
      identity.identify({ ...basic(own.name, secret), address: '127.0.0.1', forwarded: false });
    expect(await identify(own.credential.secret)).toMatchObject({ name: own.name });
    expect(await identify(next.secret)).toMatchObject({ name: own.name });
    await revoke(own.credential);
    now = 9_999;
    expect(await identify(own.credential.secret)).toBeDefined();
    now = 10_000;
    expect(await identify(own.credential.secret)).toBeUndefined();
    expect(await identify(next.secret)).toBeDefined();
    const third = await addCredential(own.id, 1); // the slot of the revoked one is free again
    expect(await identify(third.secret)).toBeDefined();
  });

  test('an expired one is refused (P5)', async () => {
    const own = await createService();
    const late = await addCredential(own.id, 2, '-1 second');
    const soon = basic(own.name, late.secret);
    expect(await refusal(ask(soon))).toEqual([401, 'invalid_client']);
  });

  test('the use of one is written down (P5)', async () => {
    const own = await createService();
    await ask(basic(own.name, own.credential.secret));
    const lastUsed = async () =>
      (
        await sql('SELECT last_used_at FROM identity."ServiceCredential" WHERE id = $1', [own.credential.id])
      )[0]?.last_used_at;
    while ((await lastUsed()) === null) await new Promise(setImmediate);
    expect(await lastUsed()).toBeInstanceOf(Date);
  });

  test('the table takes no third one, no plain secret, and no cheaper hash (P5)', async () => {
    const own = await createService();
    await addCredential(own.id, 2);
    await expect(addCredential(own.id, 2)).rejects.toThrow(/ServiceCredential_slot/);
    await expect(addCredential(own.id, 3)).rejects.toThrow(/check constraint/);
    for (const hash of ['plain', '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA', '$2b$10$abc']) {
      const insert = `INSERT INTO identity."ServiceCredential" (id, service_id, secret_hash) VALUES ('x', $1, $2)`;
      await expect(sql(insert, [own.id, hash])).rejects.toThrow(/check constraint/);
    }
  });

  test('the application role deletes no service and no credential, and changes no name and no hash (D12)', async () => {
    const { appUrl } = testParts().postgres;
    for (const text of [
      'DELETE FROM identity."Service"',
      `UPDATE identity."Service" SET name = 'x'`,
      'DELETE FROM identity."ServiceCredential"',
      'UPDATE identity."ServiceCredential" SET secret_hash = secret_hash',
      'UPDATE identity."ServiceCredential" SET status_idx = NULL',
      'UPDATE identity."ServiceGrant" SET call = call',
    ]) {
      await expect(queryAs(appUrl, text)).rejects.toThrow(/permission denied/);
    }
  });

  test('a revoked credential stays so, whoever writes (P5)', async () => {
    const own = await createService();
    await revoke(own.credential);
    const undo = 'UPDATE identity."ServiceCredential" SET revoked_at = NULL WHERE id = $1';
    await expect(sql(undo, [own.credential.id])).rejects.toThrow(/revoked for good/);
  });
});

describe('limits', () => {
  const flood = async (times: number, send: (index: number) => ReturnType<typeof call>) => {
    const statuses: number[] = [];
    for (let index = 0; index < times; index += 1) statuses.push((await send(index)).status);
    return statuses;
  };

  test('guesses under one name end in 429; what is known goes on, and so do other names (P5)', async () => {
    const limited = await startService({ IDENTITY_LIMIT_SERVICE_PER_NAME: '3' });
    const own = await createService();
    const known = basic(own.name, own.credential.secret);
    const guess = (index: number) => basic(own.name, `guess-${index}`);
    const whoami = (headers: Record<string, string>) => call(`${limited.internalUrl}/whoami`, { headers });
    try {
      expect((await whoami(known)).status).toBe(200);
      expect(await flood(4, (index) => whoami(guess(index)))).toEqual([401, 401, 429, 429]);
      expect((await ask(guess(9), {}, limited)).headers.get('retry-after')).toMatch(/^\d+$/);
      expect(await flood(3, () => whoami(known))).toEqual([200, 200, 200]);
      const other = await createService();
      expect((await whoami(basic(other.name, other.credential.secret))).status).toBe(200);
    } finally {
      await limited.stop();
    }
  });

  test("what comes through a proxy uses up no service's limit (P5)", async () => {
    const limited = await startService({ IDENTITY_LIMIT_SERVICE_PER_NAME: '2' });
    const own = await createService();
    const known = basic(own.name, own.credential.secret);
    try {
      const forwarded = { ...known, 'x-forwarded-for': '192.0.2.1' };
      expect(await flood(5, () => ask(forwarded, {}, limited))).toEqual(Array(5).fill(401));
      expect((await ask(known, {}, limited)).status).toBe(200);
    } finally {
      await limited.stop();
    }
  });

  test('one address guesses names and secrets only so often, with or without a credential (P5)', async () => {
    const limited = await startService({ IDENTITY_LIMIT_SERVICE_PER_ADDRESS: '1' }); // ten with development tools
    // Addresses of this test's own: the counters are shared with every other test of this minute.
    const own = () => `127.${[0, 0, 0].map(() => randomInt(1, 255)).join('.')}`;
    const [stranger, neighbour] = [own(), own()];
    const whoami = (address: string, headers: Record<string, string>) =>
      statusFrom(address, `${limited.internalUrl}/whoami`, headers);
    try {
      const statuses: number[] = [];
      for (let index = 0; index < 12; index += 1) {
        statuses.push(await whoami(stranger, index % 2 ? basic(`name-${index}`, 'x') : {}));
      }
      expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
      expect(await whoami(stranger, { 'x-forwarded-for': '192.0.2.77' })).toBe(429);
      expect(await whoami(neighbour, sale)).toBe(200);
    } finally {
      await limited.stop();
    }
  });
});
