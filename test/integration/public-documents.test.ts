import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint } from 'jose';
import { BASE, call, post } from '../support/call.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe('/jw-certs', () => {
  test.each(['/jw-certs', `${BASE}/jw-certs`, '/.well-known/jwks.json'])(
    '%s serves the public key and no private member (T1, T7)',
    async (path) => {
      const answer = await call(`${service.url}${path}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe(
        'public, max-age=300, stale-while-revalidate=60, stale-if-error=86400',
      );
      expect(answer.body.keys).toHaveLength(1);
      const [key] = answer.body.keys;
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
      expect(key).toMatchObject({
        kty: 'EC',
        crv: 'P-256',
        alg: 'ES256',
        use: 'sig',
        kid: await calculateJwkThumbprint(key),
      });
    },
  );

  test('answers 304 to its ETag, weak or strong, and nothing to HEAD but the headers (T1)', async () => {
    const url = `${service.url}/jw-certs?cache=1`;
    const etag = (await call(url)).headers.get('etag') ?? '';
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      expect((await call(url, { headers: { 'if-none-match': header } })).status).toBe(304);
    }
    expect((await call(url, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    const head = await call(url, { method: 'HEAD' });
    expect([head.status, head.text, head.headers.get('etag')]).toEqual([200, '', etag]);
    expect((await post(url, {})).status).toBe(405);
  });

  test('is served while PostgreSQL, Redis and Keycloak are all away (D8)', async () => {
    const nowhere = 'http://127.0.0.1:9';
    const alone = await startService(
      {
        DATABASE_URL: 'postgres://x:y@127.0.0.1:9/z',
        REDIS_URL: 'redis://127.0.0.1:9',
        IDENTITY_KEYCLOAK_URL: nowhere,
      },
      { ready: false },
    );
    try {
      expect((await call(`${alone.url}/jw-certs`)).status).toBe(200);
      const ready = await call(`${alone.url}${BASE}/readyz`);
      expect(ready.status).toBe(503);
      expect(ready.body.parts).toEqual({
        postgres: 'unseen',
        redis: 'unseen',
        keycloak: 'unseen',
        keys: 'unseen', // which of them signs is in PostgreSQL
      });
    } finally {
      await alone.stop();
    }
  });
});

describe('discovery', () => {
  test.each(['openid-configuration', 'oauth-authorization-server'])(
    '%s lets a stock resource server configure itself (T11)',
    async (name) => {
      const { issuer } = service.infrastructure.config.tokens;
      const { status, body } = await call(`${service.url}/.well-known/${name}`);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        issuer,
        jwks_uri: `${issuer}/jw-certs`,
        token_endpoint: `${issuer}${BASE}/auth/token`,
      });
      // OpenID Connect Discovery 1.0 §3: required members
      for (const member of [
        'authorization_endpoint',
        'response_types_supported',
        'subject_types_supported',
        'id_token_signing_alg_values_supported',
      ]) {
        expect(body[member]).toBeDefined();
      }
    },
  );
});

describe('health and documentation', () => {
  test('alive, ready and plain health answer as the contract says (R2)', async () => {
    for (const path of ['/health', `${BASE}/health`, `${BASE}/healthz`]) {
      expect((await call(`${service.url}${path}`)).body).toEqual({ status: 'ok' });
    }
    const ready = await call(`${service.url}${BASE}/readyz`);
    expect([ready.status, ready.body]).toEqual([
      200,
      { status: 'ready', parts: { postgres: 'up', redis: 'up', keycloak: 'up', keys: 'up' } },
    ]);
  });

  test('the OpenAPI document has patterns that are patterns, and names the refusals before a route (R3)', async () => {
    const { body, text } = await call(`${service.url}${BASE}/doc/openapi.json`);
    const patterns = [...text.matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([, one = '']) =>
      JSON.parse(one),
    );
    expect(patterns.length).toBeGreaterThan(20);
    for (const pattern of patterns) {
      expect(pattern).toMatch(/\$$/); // no flags behind it, as JSON Schema has none
      expect(() => new RegExp(pattern, 'u')).not.toThrow();
    }
    const { '/v1/api/identity/customers/{id}': one, '/v1/api/identity/policies/changes': feed } = body.paths;
    expect(Object.keys(one.patch.responses)).toEqual(expect.arrayContaining(['401', '403', '404', '429']));
    expect(one.patch.requestBody.required).toBe(true);
    expect(one.patch.parameters).toContainEqual(expect.objectContaining({ in: 'header', name: 'If-Match' }));
    expect(Object.keys(feed.get.responses)).toEqual(expect.arrayContaining(['401', '403', '422']));
    const { get: read, post: write } = body.paths[`${BASE}/services`];
    const freshly = '`token.insufficient_user_authentication`';
    expect(write.responses['401'].description).toContain(freshly);
    expect(read.responses['401'].description).not.toContain(freshly);
  });

  test('every path of the OpenAPI document exists, and the explorer loads from here alone (R3)', async () => {
    const { body } = await call(`${service.url}${BASE}/doc/openapi.json`);
    expect(body.openapi).toBe('3.1.0');
    // Those of providers are as if they were not there for anybody else (delivery-reports.test.ts).
    const paths = Object.entries(body.paths as Record<string, object>).filter(
      ([path]) => !path.startsWith(`${BASE}/messages/delivery-reports/`),
    );
    for (const [path, operations] of paths) {
      for (const method of Object.keys(operations)) {
        const url = `${service.url}${path.replace(/\{\w+\}/g, '1')}`;
        const { status } = await call(url, { method: method.toUpperCase() });
        expect([path, status]).not.toEqual([path, 404]);
      }
    }
    const page = await call(`${service.url}${BASE}/doc/explorer`);
    expect(page.text).not.toMatch(/https?:\/\//);
    expect((await call(`${service.url}${BASE}/doc/explorer/swagger-ui-bundle.js`)).status).toBe(200);
  });
});
