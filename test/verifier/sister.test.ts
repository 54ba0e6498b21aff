import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DEMO_MERCHANTS, DEMO_PEOPLE, DEMO_SERVICE } from '../../embedded/demo-data.js';
import { createVerifier } from '../../verifier/src/index.js';
import { createSystemTokens } from '../../verifier/src/issuer/system-token.js';
import { BASE, bearer, call, signIn } from '../support/call.js';
import { startDemoSister } from '../support/demo-sister.js';
import { startService, type TestService } from '../support/service.js';

const [admin, owner] = DEMO_PEOPLE;

let service: TestService;
let sister: Awaited<ReturnType<typeof startDemoSister>>;
let url: string;
beforeAll(async () => {
  service = await startService();
  sister = await startDemoSister(service);
  url = sister.url;
});
afterAll(async () => {
  sister?.stop();
  await service.stop();
});

const tokenOf = async (person: Parameters<typeof signIn>[1]) => (await signIn(service, person)).body;
const status = async (path: string, token: string) =>
  (await call(`${url}${path}`, { headers: bearer(token) })).status;

test('the sister of 30 lines knows who is calling, from /jw-certs alone (T10)', async () => {
  const { accessToken } = await tokenOf(owner);
  const { body } = await call(`${url}/me`, { headers: bearer(accessToken) });
  expect(body).toMatchObject({
    userId: owner.id,
    token_type: 'platform',
    merchants: DEMO_MERCHANTS.map(({ id }) => id),
  });
});

test('it opens to roles and merchants of the token, and to nobody else (T10)', async () => {
  const { accessToken } = await tokenOf(owner);
  const [shop] = DEMO_MERCHANTS;
  expect(await status(`/shops/${shop?.id}`, accessToken)).toBe(200);
  expect(await status('/shops/1', accessToken)).toBe(403);
  expect(await status('/admin', accessToken)).toBe(403);
  expect(await status('/admin', (await tokenOf(admin)).accessToken)).toBe(200);
});

test('it takes no refresh token, and none that was changed (D1, T2)', async () => {
  const { accessToken, refreshToken } = await tokenOf(owner);
  expect(await status('/me', refreshToken)).toBe(401);
  expect(await status('/me', `${accessToken.slice(0, -6)}AAAAAA`)).toBe(401);
});

test('the kit gets a system token from the token endpoint, and a sister that it is for takes it (T8, T10)', async () => {
  const { name, secret } = DEMO_SERVICE;
  const { issuer } = service.infrastructure.config.tokens;
  const common = { timeoutMs: 10_000, clock: Date.now };
  const problems: unknown[] = [];
  const systemTokens = createSystemTokens({
    ...common,
    service: { tokenEndpoint: `${service.url}${BASE}/auth/token`, name, secret },
    onWarning: (...problem) => problems.push(problem),
  });
  const token = await systemTokens.get();
  expect(problems).toEqual([]);
  const callee = createVerifier({
    ...common,
    jwksUri: `${service.url}/jw-certs`,
    issuer,
    audience: name,
    refreshS: false,
  });
  expect(await callee.verify(token ?? '')).toMatchObject({ sub: `service:${name}`, token_type: 'system' });
  expect(await systemTokens.get()).toBe(token);
  callee.close();
});
