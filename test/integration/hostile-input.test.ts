import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { BASE, bearer, call, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { createPerson } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let token: string;
beforeAll(async () => {
  service = await startService();
  token = (await signIn(service, await createPerson())).body.accessToken;
});
afterAll(() => service.stop());

const whoAmI = (text: string) => call(`${service.url}${BASE}/auth/who-am-i`, { headers: bearer(text) });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const signInUrl = () => `${service.url}${BASE}/auth/sign-in`;

describe('forged and bent tokens', () => {
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = (header: object, claims: object, dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363') => {
    const data = `${encode(header)}.${encode(claims)}`;
    return `${data}.${sign('sha256', Buffer.from(data), { key: foreign.privateKey, dsaEncoding }).toString('base64url')}`;
  };

  test('every one gets the same 401 and no outbound request (hostile input)', async () => {
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const real = decodeProtectedHeader(token);
    const claims = decodeJwt(token);
    const jwk = foreign.publicKey.export({ format: 'jwk' });
    const { keys } = (await call(`${service.url}/jw-certs`)).body;
    const publicPem = createPublicKey({ key: keys[0], format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    });
    const hs = `${encode({ ...real, alg: 'HS256' })}.${payload}`;
    const forged = [
      `${encode({ ...real, alg: 'none' })}.${payload}.`,
      `${encode({ ...real, alg: 'nOnE' })}.${payload}.${signature}`,
      `${hs}.${createHmac('sha256', publicPem).update(hs).digest('base64url')}`,
      signed(real, claims),
      signed(real, claims, 'der'),
      signed({ ...real, jwk }, claims),
      signed({ ...real, jku: 'http://127.0.0.1:9/keys' }, claims),
      signed({ ...real, crit: ['b64'], b64: false }, claims),
      ...['../../etc/passwd', "' OR 1=1", 'k'.repeat(10_000), '__proto__', ''].map((kid) =>
        signed({ ...real, kid }, claims),
      ),
      `${header}.${payload}.${'A'.repeat(86)}`,
      `${header}.${payload}.${'A'.repeat(84)}`,
      `${header}.${encode({ ...claims, roles: [{ id: '1', identifier: '900_admin', priority: 900 }] })}.${signature}`,
      '.'.repeat(100_000),
      'x'.repeat(9000),
      `${token}=`,
    ];
    for (const text of forged) {
      const answer = await whoAmI(text.slice(0, 15_000));
      expect([answer.status, answer.body.code]).toEqual([401, 'token.invalid']);
    }
    expect((await whoAmI(token)).status).toBe(200);
  });
});

describe('bodies', () => {
  test.each([
    ['no JSON', '{', 'application/json', 400],
    ['an array', '[]', 'application/json', 422],
    ['a text', '"x"', 'application/json', 400],
    ['1 MB', `{"a":"${'x'.repeat(1_000_000)}"}`, 'application/json', 413],
    ['another type', '<a/>', 'text/xml', 415],
    ['__proto__', '{"__proto__":{"admin":true}}', 'application/json', 422],
    ['deep nesting', '['.repeat(15_000) + ']'.repeat(15_000), 'application/json', 422],
  ])('%s gets %3$i', async (_name, body, type, status) => {
    const answer = await call(signInUrl(), {
      method: 'POST',
      headers: { 'content-type': type as string },
      body: body as string,
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ statusCode: status, requestId: expect.any(String) });
  });

  test('a compressed body is refused, so there is no bomb to open (hostile input)', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000, 32));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect((await call(signInUrl(), { method: 'POST', headers, body: bomb })).status).toBe(415);
  });

  test.each([
    [{ scheme: 'email', value: { $ne: 1 } }],
    [{ scheme: 'email', value: ['a@b.c'] }],
    [{ scheme: 'id', value: '1' }],
    [{ scheme: 'email', value: 'x'.repeat(400) }],
    [{ scheme: 'email', value: 'a@b.c', roles: ['admin'] }],
  ])('identifier %j is 422 with the field named (contract §8)', async (identifier) => {
    const answer = await post(signInUrl(), { identifier, credential: { scheme: 'password', value: 'x' } });
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0]).toEqual({
      path: expect.stringContaining('identifier'),
      message: expect.any(String),
      code: expect.any(String),
    });
  });
});

describe('requests', () => {
  const raw = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(service.url);
      let received = '';
      const socket = connect(Number(port), hostname, () => socket.write(text));
      socket.on('data', (data) => {
        received += data;
      });
      socket.on('close', () => resolve(received));
      socket.on('error', reject);
    });

  test('a 64 kB address is 414, huge headers 431, no HTTP at all 400, and the process lives (hostile input)', async () => {
    expect(await raw(`GET /${'a'.repeat(65_536)} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/^HTTP\/1.1 414 /);
    expect(await raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(65_536)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
    expect(await raw('hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect((await call(`${service.url}/${'a'.repeat(9000)}`)).status).toBe(414);
    expect((await call(`${service.url}/%ff%zz`)).status).toBe(400);
    expect((await call(`${service.url}/health`)).status).toBe(200);
  });

  test('an unknown path is 404, a wrong method 405 with Allow (contract §8)', async () => {
    const missing = await call(`${service.url}${BASE}/nothing`);
    expect([missing.status, missing.body.code]).toEqual([404, 'request.not_found']);
    const wrong = await call(signInUrl());
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('X-Request-Id is taken when well formed and made otherwise (contract)', async () => {
    for (const path of ['/health', '/jw-certs', '/nothing']) {
      const given = await call(`${service.url}${path}`, { headers: { 'x-request-id': 'abc-12345' } });
      expect(given.headers.get('x-request-id')).toBe('abc-12345');
      const bent = await call(`${service.url}${path}`, { headers: { 'x-request-id': 'a b' } });
      expect(bent.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  test('of the forwarded addresses only the one that the trusted hop wrote counts, and an IPv6 /64 is one (hostile input)', async () => {
    const limited = await startService({
      IDENTITY_LIMIT_SIGN_IN_PER_ADDRESS: '1',
      IDENTITY_TRUSTED_HOPS: '1',
    });
    const statuses = async (forwarded: (index: number) => string) => {
      const seen = [];
      for (let index = 0; index < 12; index += 1) {
        const headers = { 'x-forwarded-for': forwarded(index) };
        seen.push((await post(`${limited.url}${BASE}/auth/sign-in`, {}, headers)).status);
      }
      return seen;
    };
    const tenThenNone = [...Array(10).fill(422), 429, 429]; // ten times the limit with development tools
    try {
      expect(await statuses((index) => `203.0.113.${index}, 198.51.100.99`)).toEqual(tenThenNone);
      expect(await statuses((index) => `2001:db8:1:1::${index + 1}`)).toEqual(tenThenNone);
    } finally {
      await limited.stop();
    }
  });

  test("a forwarded text that is no address is not taken for one: the socket's counts (hostile input)", async () => {
    const behindProxy = await startService({ IDENTITY_TRUSTED_HOPS: '1' });
    try {
      const headers = { 'x-forwarded-for': '<script>' };
      const { status, body } = await signIn(behindProxy, await createPerson(), { headers });
      expect(status).toBe(200);
      const [session] = await sql('SELECT address FROM identity."AuthSession" WHERE id = $1', [
        body.sessionId,
      ]);
      expect(session).toEqual({ address: '127.0.0.1' });
    } finally {
      await behindProxy.stop();
    }
  });

  test('a foreign Host changes no issuer, and a foreign origin gets no CORS answer (hostile input)', async () => {
    const discovery = await call(`${service.url}/.well-known/openid-configuration`, {
      headers: { 'x-forwarded-host': 'evil.example' },
    });
    expect(discovery.text).not.toContain('evil');
    const open = await startService({ IDENTITY_CORS_ORIGINS: 'https://shop.example' });
    try {
      const preflight = (origin: string) =>
        call(`${open.url}${BASE}/auth/sign-in`, {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'content-type',
          },
        });
      expect((await preflight('https://shop.example')).headers.get('access-control-allow-origin')).toBe(
        'https://shop.example',
      );
      for (const origin of ['https://evil.example', 'https://shop.example.evil.example', 'null']) {
        expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
      }
    } finally {
      await open.stop();
    }
  });
});
