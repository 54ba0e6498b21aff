import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testParts } from '../parts.js';
import type { Answer } from '../support/call.js';
import { createShop } from '../support/customers.js';
import { sql } from '../support/database.js';
import { hasPgbouncer, startPgbouncer } from '../support/pgbouncer.js';
import { startService, type TestService } from '../support/service.js';

/** What both tenants send, in turns. */
const REQUESTS = 10_000;
const AT_ONCE = 16;
const EACH = 40;

type Shop = Awaited<ReturnType<typeof createShop>>;

const pooled = hasPgbouncer() ? describe : describe.skip;

pooled('two tenants over two connections of a transaction-mode pooler, as the application role', () => {
  let pooler: Awaited<ReturnType<typeof startPgbouncer>>;
  let service: TestService;
  let shops: [Shop, Shop];
  beforeAll(async () => {
    pooler = await startPgbouncer(testParts().postgres.appUrl, 2);
    service = await startService({ DATABASE_URL: pooler.url });
    shops = [await createShop(service), await createShop(service)];
    for (const { merchantId, workspace } of shops) {
      await sql(
        `INSERT INTO identity."Customer" (id, tenant_id, merchant_id, code, display_name)
         SELECT right($2, 10) || n, $1, $2, n, 'Khách ' || n FROM generate_series(1, $3::int) AS n`,
        [workspace.tenantId, merchantId, EACH],
      );
    }
  });
  afterAll(async () => {
    await service?.stop();
    await pooler?.stop();
  });

  const idOf = ({ merchantId }: Shop, index: number) => `${merchantId.slice(-10)}${(index % EACH) + 1}`;

  /** Each with what it must answer; refusals and errors inside transactions among them. */
  const sends: ((own: Shop, other: Shop, index: number) => Promise<[Answer, number]>)[] = [
    async (own) => [await own.api.list({ merchantId: own.merchantId }), 200],
    async (own, other) => [await own.api.list({ merchantId: other.merchantId }), 404],
    async (own, _other, index) => [
      await own.api.list({ merchantId: own.merchantId, q: `khach ${index % EACH}` }),
      200,
    ],
    async (own, _other, index) => [await own.api.get(idOf(own, index)), 200],
    async (own, other, index) => [await own.api.get(idOf(other, index)), 404],
    async (own) => [await own.api.create({ merchantId: own.merchantId, displayName: 'X', code: '1' }), 409],
    async (own, _other, index) => [await own.api.patch(idOf(own, index), { code: '1' }, '"99"'), 412],
    async (own, other, index) => [await own.api.patch(idOf(other, index), { note: 'x' }), 404],
  ];

  test('see no row of each other in 10,000 interleaved requests, after errors and roll-backs too (P9)', async () => {
    const { database } = service.infrastructure;
    const foreign: unknown[] = [];
    const wrong: unknown[] = [];
    const backends = new Set<unknown>();
    let next = 0;
    const lane = async () => {
      for (let index = next++; index < REQUESTS; index = next++) {
        const [own, other] = index % 2 ? shops : ([...shops].reverse() as [Shop, Shop]);
        if (index % 10 === 0) {
          // Nobody's: whatever the last transaction on that connection said of a tenant must be gone.
          const rows = await database.query<{ pid: number; seen: string }>(
            'SELECT pg_backend_pid() AS pid, (SELECT count(*) FROM identity."Customer") AS seen',
          );
          backends.add(rows[0]?.pid);
          if (rows[0]?.seen !== '0') foreign.push(rows);
          continue;
        }
        const send = sends[(index >> 1) % sends.length] as (typeof sends)[number];
        const [{ status, body }, expected] = await send(own, other, index);
        if (status !== expected) wrong.push([index, status, expected, body]);
        const rows = status === 200 ? [body].flat() : [];
        foreign.push(...rows.filter(({ merchantId }) => merchantId !== own.merchantId));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    expect({ foreign, wrong }).toEqual({ foreign: [], wrong: [] });
    expect(backends.size).toBeLessThanOrEqual(2);
  }, 300_000);
});
