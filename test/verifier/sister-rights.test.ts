import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { DEMO_SERVICE } from '../../embedded/demo-data.js';
import { createPermissions } from '../../verifier/src/index.js';
import { testParts } from '../parts.js';
import { assignRole, createWorkspace } from '../support/branches.js';
import { BASE, bearer, call, post, signIn } from '../support/call.js';
import { createShop } from '../support/customers.js';
import { sql } from '../support/database.js';
import { startDemoSister } from '../support/demo-sister.js';
import { createPerson } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { sisterDatabaseUrl } from '../support/sister-database.js';
import { until } from '../support/until.js';

/** Seconds after which nothing kept is believed (verifier/README.md). */
const BOUND_S = 10;

let service: TestService;
let sister: Awaited<ReturnType<typeof startDemoSister>>;
beforeAll(async () => {
  service = await startService();
  sister = await startDemoSister(service, {
    SERVICE_NAME: DEMO_SERVICE.name,
    SERVICE_SECRET: DEMO_SERVICE.secret,
    IDENTITY_DATABASE_URL: await sisterDatabaseUrl(),
  });
});
afterAll(async () => {
  sister?.stop();
  await service.stop();
});

/** Somebody who is a cashier at one merchant, and has signed in since. */
async function createCashier(merchantId: string) {
  const person = await createPerson();
  const { user } = (await signIn(service, person)).body;
  await assignRole(user.id, '100_cashier', `Merchant_${merchantId}`);
  const { accessToken, refreshToken } = (await signIn(service, person)).body;
  return { id: user.id as string, token: accessToken as string, refreshToken: refreshToken as string };
}

const get = async (path: string, token: string) =>
  (await call(`${sister.url}${path}`, { headers: bearer(token) })).status;
const refund = async (way: string, shop: string, token: string) =>
  (await post(`${sister.url}/${way}/shops/${shop}/refunds`, {}, bearer(token))).status;

const keysOf = async (store: Redis, id: string) =>
  (await store.keys('nx:permission:*')).filter((key) => key.includes(`"User_${id}"`));

/** By the token's own word, asked of the issuer, and read from the database. */
const allWays = (shop: string, token: string) =>
  Promise.all([
    get(`/shops/${shop}`, token),
    get(`/asked/shops/${shop}/customers`, token),
    get(`/read/shops/${shop}/customers`, token),
  ]);

test('a cashier does what their role says at their merchant and nothing at the other, by token, by check, and by direct read (P2, T10)', async () => {
  const { merchantIds, api } = await createShop(service, 2);
  const [own, other] = merchantIds as [string, string];
  for (const merchantId of [own, other]) await api.create({ merchantId, displayName: `Chi ${merchantId}` });
  const { token } = await createCashier(own);
  await until(
    'the right has not come',
    async () => (await get(`/read/shops/${own}/customers`, token)) === 200,
  );
  expect(await allWays(own, token)).toEqual([200, 200, 200]);
  expect(await allWays(other, token)).toEqual([403, 403, 403]);
  for (const way of ['asked', 'read'])
    expect([await refund(way, own, token), await refund(way, other, token)]).toEqual([403, 403]);
  const found = await call(`${sister.url}/read/shops/${own}/found?q=chi`, { headers: bearer(token) });
  expect(found.body).toMatchObject([{ merchantId: own, displayName: `Chi ${own}` }]);
  expect(await get(`/read/shops/${other}/found?q=chi`, token)).toBe(404);
});

test('what is kept of two cashiers at two merchants never answers for the other (P2)', async () => {
  const { branches } = await createWorkspace(2);
  const [first, second] = branches.map(({ id }) => id) as [string, string];
  const [chi, duc] = [await createCashier(first), await createCashier(second)];
  const rounds = Array.from({ length: 100 }, (_, index) => index);
  const statuses = await Promise.all(
    rounds.flatMap(() => [
      allWays(first, chi.token),
      allWays(second, chi.token),
      allWays(second, duc.token),
      allWays(first, duc.token),
    ]),
  );
  const [held, none] = ['200,200,200', '403,403,403'];
  statuses.forEach((status, index) => {
    expect([index, `${status}`]).toEqual([index, index % 2 === 0 ? held : none]);
  });
});

test('replicas share what they were answered through Redis, by merchant and version (P2, T10)', async () => {
  const { branches } = await createWorkspace(2);
  const [first, second] = branches.map(({ id }) => id) as [string, string];
  const { id } = await createCashier(first);
  const store = new Redis(testParts().redis.url);
  const base = `${service.url}${BASE}`;
  const { name, secret } = DEMO_SERVICE;
  const replica = () =>
    createPermissions({ base, store, service: { tokenEndpoint: `${base}/auth/token`, name, secret } });
  const [one, other] = [replica(), replica()];
  try {
    expect([await one.ready, await other.ready]).toEqual([true, true]);
    for (const { check } of [one, other])
      for (const merchant of [first, second])
        expect(
          await check(
            { type: 'User', id },
            { domain: `Merchant_${merchant}`, object: 'customer', action: 'read' },
          ),
        ).toBe(merchant === first);
    await until('nothing is kept', async () => (await keysOf(store, id)).length >= 2);
    const kept = await Promise.all(
      (await keysOf(store, id)).map(async (key) => [
        JSON.parse(key.replace('nx:permission:', '')),
        await store.get(key),
      ]),
    );
    expect(kept.map(([[, , , domain], allowed]) => `${domain} ${allowed}`).sort()).toEqual(
      [`Merchant_${first} 1`, `Merchant_${second} 0`].sort(),
    );
  } finally {
    for (const { close } of [one, other]) close();
    store.disconnect();
  }
});

test(`a right that is taken away is gone within ${BOUND_S} seconds by check and by direct read, and from the next token (P3)`, async () => {
  const { branches } = await createWorkspace(1);
  const shop = branches[0]?.id as string;
  const cashier = await createCashier(shop);
  expect(await allWays(shop, cashier.token)).toEqual([200, 200, 200]);
  await sql(
    `DELETE FROM public."PolicyDefinition" WHERE subject_id = $1 AND variant = 'assign_role' AND domain = $2`,
    [cashier.id, `Merchant_${shop}`],
  );
  const isGone = async () => {
    const [, asked, read] = await allWays(shop, cashier.token);
    return asked === 403 && read === 403;
  };
  await until('the right is still there', isGone, BOUND_S * 1000);
  const { refreshToken } = cashier;
  const { accessToken } = (await post(`${service.url}${BASE}/auth/refresh`, { refreshToken })).body;
  expect(await allWays(shop, accessToken)).toEqual([403, 403, 403]);
});
