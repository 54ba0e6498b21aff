import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express, { type ErrorRequestHandler } from 'express';
import {
  answerRefusals,
  authenticate,
  requireMerchant,
  requirePermission,
  requireRole,
} from '../../verifier/src/express/index.js';
import { IssuerUnavailable, type PermissionQuestion, type Verifier } from '../../verifier/src/index.js';
import { type Issuer, startIssuer } from '../stand-ins/issuer.js';
import { bearer, call } from '../support/call.js';
import { verifierOf } from '../support/verifier.js';

let issuer: Issuer;
let verifier: Verifier;
let server: Server;
let url: string;
const passed: unknown[] = [];
const questions: PermissionQuestion[] = [];
beforeAll(async () => {
  issuer = await startIssuer();
  verifier = await verifierOf(issuer);
  const app = express();
  const ok: express.RequestHandler = (_request, response) => void response.json({ ok: true });
  app.get('/me', authenticate(verifier), (request, response) => void response.json(request.identity));
  app.get('/owner', authenticate(verifier), requireRole('500_owner'), ok);
  app.get('/from/:priority', authenticate(verifier), (request, response, next) =>
    requireRole(Number(request.params.priority))(request, response, next),
  );
  app.get('/from/:priority', ok);
  app.get('/shops/:shop', authenticate(verifier), requireMerchant('shop'), ok);
  const whenTruncated = async (_identity: unknown, id: string) => id === '99';
  app.get('/many/:shop', authenticate(verifier), requireMerchant('shop', { whenTruncated }), ok);
  app.get(
    '/by-header',
    authenticate(verifier),
    requireMerchant(({ headers }) => (headers as Record<string, unknown>)['x-merchant']),
    ok,
  );
  const permissions = {
    async may(_identity: unknown, question: PermissionQuestion) {
      questions.push(question);
      if (question.domain === 'Merchant_99') throw new IssuerUnavailable('permissions');
      return question.domain === 'Merchant_11' || question.domain === 'Platform';
    },
  };
  const mayRead = (domain: Parameters<typeof requirePermission>[2]['domain']) =>
    requirePermission('customer', 'read', { permissions, domain });
  app.get('/customers/:shop', authenticate(verifier), mayRead('shop'), ok);
  app.get(
    '/where/:domain',
    authenticate(verifier),
    mayRead(({ params }) => params.domain),
    ok,
  );
  app.get('/forgotten', requireRole('500_owner'), ok);
  app.use(answerRefusals());
  const last: ErrorRequestHandler = (error, _request, response, _next) => {
    passed.push(error);
    response.status(500).end();
  };
  app.use(last);
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  verifier.close();
  server.closeAllConnections();
  server.close();
  await issuer.close();
});

const get = async (path: string, extra: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  call(`${url}${path}`, { headers: { ...bearer(await issuer.token(extra)), ...headers } });
const status = async (...args: Parameters<typeof get>) => (await get(...args)).status;

test('a good token opens the route, and its claims are there (T10)', async () => {
  expect((await get('/me')).body).toEqual(issuer.claims());
});

test('without a token the answer is 401 and names the scheme alone (RFC 6750 §3.1)', async () => {
  for (const authorization of [undefined, '', 'Basic c2FsZTpzZWNyZXQ=', 'Bearerx y']) {
    const answer = await call(`${url}/me`, { headers: authorization === undefined ? {} : { authorization } });
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  }
  expect((await call(`${url}/me?access_token=${await issuer.token()}`)).status).toBe(401);
});

test('every bad token gets the same 401, whatever was wrong with it (RFC 6750 §3.1, faults)', async () => {
  const good = await issuer.token();
  const bad = [
    '',
    'a b',
    'x.y.z',
    `${good.slice(0, -4)}AAAA`,
    await issuer.token({ exp: issuer.now - 60 }),
    await issuer.token({ aud: 'sale' }),
    '.'.repeat(10_000),
  ];
  const answers = await Promise.all(bad.map((token) => call(`${url}/me`, { headers: bearer(token) })));
  for (const { status, text, headers } of answers)
    expect([status, text, headers.get('www-authenticate'), headers.get('content-type')]).toEqual([
      401,
      '{"type":"about:blank","status":401,"title":"The access token is not valid"}',
      'Bearer error="invalid_token"',
      'application/problem+json',
    ]);
});

test('the scheme may be written in any case (RFC 9110 §11.1)', async () => {
  const answer = await call(`${url}/me`, { headers: { authorization: `bEARER ${await issuer.token()}` } });
  expect(answer.status).toBe(200);
});

test('a role is asked for by identifier or by least priority, in both shapes of the claim (T3)', async () => {
  const plain = { roles: ['500_owner', '010_user'] };
  for (const claims of [{}, plain]) {
    expect([await status('/owner', claims), await status('/from/500', claims)]).toEqual([200, 200]);
    expect(await status('/from/501', claims)).toBe(403);
  }
  for (const roles of [[], undefined, null, 'x', [null], [{}], ['501owner'], [{ priority: '900' }]])
    expect([roles, await status('/owner', { roles }), await status('/from/500', { roles })]).toEqual([
      roles,
      403,
      403,
    ]);
});

test('what a token does not reach is 403 insufficient_scope (RFC 6750 §3.1)', async () => {
  const answer = await get('/owner', { roles: [] });
  expect([answer.status, answer.headers.get('www-authenticate'), answer.body.title]).toEqual([
    403,
    'Bearer error="insufficient_scope"',
    'A role is missing',
  ]);
});

test("a merchant that is not the token's is 403, whoever asks (T10)", async () => {
  expect([await status('/shops/11'), await status('/shops/13')]).toEqual([200, 403]);
  expect(await status('/shops/13', { truncated: true })).toBe(403);
  const system = { token_type: 'system', sub: 'service:sale', userId: undefined, session_id: undefined };
  expect(await status('/shops/11', { ...system, merchants: undefined })).toBe(403);
  expect([await status('/by-header'), await status('/by-header', {}, { 'x-merchant': '12' })]).toEqual([
    403, 200,
  ]);
});

test('where lists were cut, and only there, the rest is looked up (contract §1)', async () => {
  expect([await status('/many/99'), await status('/many/99', { truncated: true })]).toEqual([403, 200]);
  expect(await status('/many/98', { truncated: true })).toBe(403);
});

test('what is no refusal goes on to the next error handler (T10)', async () => {
  expect(await status('/forgotten')).toBe(500);
  expect(String(passed.at(-1))).toContain('authenticate(verifier) has to come before');
});

test('a permission is asked for at the merchant of the path, 403 without it, 503 while nobody can say (P2)', async () => {
  questions.length = 0;
  expect([await status('/customers/11'), await status('/customers/12')]).toEqual([200, 403]);
  expect(questions[0]).toEqual({ domain: 'Merchant_11', object: 'customer', action: 'read' });
  const answer = await get('/customers/99');
  expect([answer.status, answer.headers.get('retry-after'), answer.body.title]).toEqual([
    503,
    '5',
    'Whether this is permitted is not known',
  ]);
  expect((await get('/customers/12')).headers.get('www-authenticate')).toBe(
    'Bearer error="insufficient_scope"',
  );
});

test('whatever a path holds names a merchant, and what could be none is nobody’s (P2)', async () => {
  questions.length = 0;
  for (const id of ['Platform', 'Organizer_11', 'Merchant_11', '*', '%2a', '11%0a', '-1', ' 11'])
    expect([id, await status(`/customers/${id}`)]).toEqual([id, 403]);
  expect(questions.map(({ domain }) => domain)).toEqual([
    'Merchant_Platform',
    'Merchant_Organizer_11',
    'Merchant_Merchant_11',
  ]);
});

test('a domain that is read from the request may be of any kind, a bare id is a merchant’s (contract §5)', async () => {
  for (const [domain, expected] of [
    ['Platform', 200],
    ['11', 200],
    ['Merchant_11', 200],
    ['Organizer_11', 403],
    ['Tenant_11', 403],
    ['*', 403],
  ] as const)
    expect([domain, await status(`/where/${domain}`)]).toEqual([domain, expected]);
});

test('an object or an action that is none is noticed at the start (T10)', () => {
  const options = { permissions: { may: async () => true }, domain: 'shop' };
  expect(() => requirePermission('', 'read', options)).toThrow(TypeError);
  expect(() => requirePermission('customer', 'erase' as never, options)).toThrow(TypeError);
});
