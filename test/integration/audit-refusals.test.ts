import { randomBytes, randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRefusalCounter, moveRefusals, type Refusal } from '../../src/audit/index.js';
import type { Sql } from '../../src/database/database.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { databaseAs, openTrail } from '../support/audit.js';
import { BASE, post, postForm } from '../support/call.js';
import { sql } from '../support/database.js';
import { startService, type TestService } from '../support/service.js';
import { basic, createService, statusFrom } from '../support/services.js';

let service: TestService;
const [one, two] = [databaseAs('nx_app'), databaseAs('nx_app')];
const [worker, secondWorker] = [databaseAs('nx_worker'), databaseAs('nx_worker')];
beforeAll(async () => {
  service = await startService({ IDENTITY_TRUSTED_HOPS: '1' });
});
afterAll(async () => {
  await service.stop();
  await Promise.all([one, two, worker, secondWorker].map((database) => database.close()));
});

const newAddress = () => `127.${randomInt(1, 255)}.${randomInt(255)}.${randomInt(1, 255)}`;
const logger = createLogger({ level: 'silent' });
const counter = (database: Sql = one, sources = 1000) =>
  createRefusalCounter({
    database,
    keys: openTrail(one).keys,
    hmacKey: Buffer.alloc(32, 7),
    now: Date.now,
    logger,
    sources,
  });

/** As if the minute were over. */
const letMinutePass = () => sql(`UPDATE identity."RefusalCount" SET minute = minute - interval '10 minutes'`);

/** Nothing is counted in the running minute. */
async function startAfresh(): Promise<void> {
  await letMinutePass();
  await moveRefusals(worker);
}

/** What the trail says of refusals from there, once they have all been counted. */
async function refusalsFrom(address: string, expected: number) {
  for (let attempt = 1; ; attempt += 1) {
    await startAfresh();
    const { events } = await openTrail(one).reader.read({}, { limit: 200 });
    const found = events.filter(({ personal }) => personal?.address === address);
    const total = found.reduce((sum, { count }) => sum + count, 0);
    if (total >= expected || attempt === 200) return found;
  }
}

/** Everything in one minute of the database's clock; anew when the minute went by meanwhile. */
async function withinOneMinute<T>(work: () => Promise<T>): Promise<T> {
  const minute = async () => (await sql(`SELECT date_trunc('minute', now())::text AS at`))[0]?.at;
  for (;;) {
    const before = await minute();
    const result = await work();
    if ((await minute()) === before) return result;
  }
}

describe('refusals are one row a source, call and minute (P12, P7)', () => {
  test('500 from one address in a minute, by two replicas, are one row that says 500', async () => {
    const refusal: Refusal = { action: 'service.refused', call: 'internal', address: '' };
    const address = await withinOneMinute(async () => {
      const source = newAddress();
      const counters = [counter(one), counter(two)];
      for (let index = 0; index < 500; index += 1)
        counters[index % 2]?.count({ ...refusal, address: source });
      await Promise.all(counters.map((each) => each.settled()));
      return source;
    });
    const before = await sql('SELECT FROM identity."RefusalCount"');
    await letMinutePass();
    expect(before.length).toBeGreaterThan(0);
    await Promise.all([moveRefusals(worker), moveRefusals(secondWorker)]);
    expect(await sql('SELECT FROM identity."RefusalCount"')).toEqual([]);
    expect(await refusalsFrom(address, 500)).toMatchObject([
      {
        actor: { type: 'anonymous', id: null },
        action: 'service.refused',
        count: 500,
        after: { call: 'internal', minute: expect.stringMatching(/^\d{4}-.*Z$/) },
      },
    ]);
  });

  test('the running minute stays where it is counted', async () => {
    const address = await withinOneMinute(async () => {
      const source = newAddress();
      const own = counter();
      own.count({ action: 'sign_in.refused', call: 'sign-in', address: source });
      await own.settled();
      await moveRefusals(worker);
      return source;
    });
    const { events } = await openTrail(one).reader.read({}, { limit: 200 });
    expect(events.filter(({ personal }) => personal?.address === address)).toEqual([]);
    expect(await refusalsFrom(address, 1)).toHaveLength(1);
  });

  test('an IPv6 /64 is one source', async () => {
    const prefix = await withinOneMinute(async () => {
      const network = `2001:db8:${randomInt(0x1000, 0xffff).toString(16)}:1`;
      const own = counter();
      for (const host of ['::1', ':a:b:c:d']) {
        own.count({ action: 'sign_in.refused', call: 'sign-in', address: `${network}${host}` });
        await own.settled();
      }
      return network;
    });
    expect(await refusalsFrom(`${prefix}::/64`, 2)).toMatchObject([{ count: 2 }]);
  });

  test('sources past the bound share one row a call, however many there are and whoever counts', async () => {
    const rows = await withinOneMinute(async () => {
      await startAfresh();
      const [narrow, another] = [counter(one, 5), counter(two, 5)];
      for (let index = 0; index < 40; index += 1) {
        narrow.count({ action: 'sign_in.refused', call: 'bounded', address: `10.9.0.${index}` });
        await narrow.settled();
        another.count({ action: 'sign_in.refused', call: 'bounded', address: `10.9.1.${index}` });
        await another.settled();
      }
      return sql<{ source: string; count: number }>(
        `SELECT source, count FROM identity."RefusalCount" WHERE minute = date_trunc('minute', now())`,
      );
    });
    expect(rows.length).toBeLessThanOrEqual(6);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(80);
    expect(rows.find(({ source }) => source === '*')?.count).toBe(75);
  });

  test('while PostgreSQL is away, counting neither throws nor grows, and is made good afterwards', async () => {
    const rows = await withinOneMinute(async () => {
      await startAfresh();
      let away = true;
      let now = 0;
      const database: Sql = {
        query: (text, values) => (away ? Promise.reject(new Error('away')) : one.query(text, values)),
      };
      const { keys } = openTrail(one);
      const hmacKey = randomBytes(32);
      const own = createRefusalCounter({ database, keys, hmacKey, now: () => now, logger, sources: 3 });
      const count = (index: number) =>
        own.count({ action: 'sign_in.refused', call: 'outage', address: `10.8.0.${index}` });
      for (let index = 0; index < 100; index += 1) count(index);
      await own.settled();
      away = false;
      now = 60_000;
      count(0);
      await own.settled();
      return sql<{ source: string; count: number }>(
        `SELECT source, count FROM identity."RefusalCount" WHERE minute = date_trunc('minute', now())`,
      );
    });
    expect(rows).toHaveLength(4);
    expect(rows.find(({ source }) => source === '*')?.count).toBeGreaterThanOrEqual(97);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(101);
  });
});

describe('what is counted', () => {
  test('every refusal of the internal listener, whatever was wrong; outside the grant with the service (P7)', async () => {
    const address = newAddress();
    const own = await createService({ calls: ['other.call'] });
    const right = basic(own.name, own.credential.secret);
    const wrong = [{}, basic(own.name, 'wrong'), basic('nobody', 'wrong'), { ...right, via: '1.1 proxy' }];
    for (const headers of wrong) {
      expect(await statusFrom(address, `${service.internalUrl}/whoami`, headers)).toBe(401);
    }
    expect(await statusFrom(address, `${service.internalUrl}/whoami`, right)).toBe(403);
    const rows = await refusalsFrom(address, 5);
    const count = (type: string) =>
      rows.filter(({ actor }) => actor.type === type).reduce((sum, row) => sum + row.count, 0);
    expect([count('anonymous'), count('service')]).toEqual([4, 1]);
    expect(rows.find(({ actor }) => actor.type === 'service')?.actor.id).toBe(own.id);
    expect(new Set(rows.map(({ action }) => action))).toEqual(new Set(['service.refused']));
  });

  test('a refused sign-in by its source alone, known or unknown; and refusals of the token endpoint', async () => {
    const address = `198.18.${randomInt(255)}.${randomInt(255)}`;
    const headers = { 'x-forwarded-for': address };
    for (const value of ['owner@demo.test', `nobody-${randomInt(1e9)}@example.test`]) {
      const answer = await post(
        `${service.url}${BASE}/auth/sign-in`,
        { identifier: { scheme: 'email', value }, credential: { scheme: 'password', value: 'wrong' } },
        headers,
      );
      expect(answer.status).toBe(401);
    }
    const form = {
      grant_type: 'authorization_code',
      code: 'x',
      client_id: 'nx-demo',
      redirect_uri: 'http://localhost',
      code_verifier: 'x',
    };
    expect((await postForm(`${service.url}${BASE}/auth/token`, form, headers)).status).toBe(400);
    const rows = await refusalsFrom(address, 3);
    const calls = rows.flatMap(({ after, count }) => Array<unknown>(count).fill(after?.call));
    expect(calls.sort()).toEqual(['sign-in', 'sign-in', 'token/authorization_code']);
    expect(JSON.stringify(rows)).not.toContain('owner@');
  });
});
