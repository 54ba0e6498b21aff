import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express, { type ErrorRequestHandler } from 'express';
import {
  answerRefusals,
  authenticate,
  requireMerchant,
  requireRole,
} from '../../verifier/src/express/index.js';
import type { Verifier } from '../../verifier/src/index.js';
import { type Issuer, startIssuer } from '../stand-ins/issuer.js';
import { bearer, call } from '../support/call.js';
import { verifierOf } from '../support/verifier.js';

let issuer: Issuer;
let verifier: Verifier;
let server: Server;
let url: string;
const passed: unknown[] = [];
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
