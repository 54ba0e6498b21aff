import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import { purgeMessages } from '../../src/messaging/index.js';
import { testParts } from '../parts.js';
import type { StandIn } from '../stand-ins/http-stand-in.js';
import { startVnpay, VNPAY_SECRET } from '../stand-ins/vnpay.js';
import { call } from '../support/call.js';
import { sql } from '../support/database.js';
import {
  attemptsOf,
  configure,
  forgetMessages,
  messageRow,
  otpSms,
  startPromising,
  untilStatus,
  WITHOUT_INBOX,
} from '../support/messages.js';
import { type ServiceProcess, spawnService } from '../support/process.js';
import { openWire, through } from '../support/wire.js';

let vnpay: StandIn;
let messages: ReturnType<typeof startPromising>;
let workers: ServiceProcess[] = [];

const spawnWorker = (extra: Record<string, string> = {}) => {
  const worker = spawnService({ ...serviceEnvironment(testParts(), 'worker'), ...WITHOUT_INBOX, ...extra });
  workers.push(worker);
  return worker;
};

beforeAll(async () => {
  vnpay = await startVnpay();
  messages = startPromising();
});
beforeEach(async () => {
  await forgetMessages();
  vnpay.reset();
  await configure(
    'SMS_VNPAY',
    { url: vnpay.url, partnerCode: 'NX', sender: 'NXTEST' },
    { secret: VNPAY_SECRET },
  );
});
afterEach(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await Promise.all(workers.map(({ exit }) => exit));
  workers = [];
});
afterAll(async () => {
  await forgetMessages();
  await Promise.all([vnpay.close(), messages.close()]);
});

describe('a worker', () => {
  test('lives through an outage of Redis, and then sends what was promised in it (D8, L0)', async () => {
    const { redis } = testParts();
    const wire = await openWire(Number(new URL(redis.url).port));
    const worker = spawnWorker({ REDIS_URL: through(redis.url, wire.port) });
    await untilStatus(await messages.promise(), 'accepted');
    wire.cut();
    const id = await messages.promise();
    await worker.says('messages wait');
    await wire.mend();
    await untilStatus(id, 'accepted');
    expect(vnpay.accepted).toHaveLength(2);
    worker.kill('SIGTERM');
    expect((await worker.exit).code).toBe(0);
    wire.cut();
  });

  test('ends on SIGTERM with code 0 where Redis never was (D8)', async () => {
    const worker = spawnWorker({ REDIS_URL: 'redis://127.0.0.1:1' });
    await messages.promise();
    await worker.says('messages wait');
    worker.kill('SIGTERM');
    expect((await worker.exit).code).toBe(0);
  });

  test('needs no more than the role nx_worker, and reads no signing key (D12, T4)', async () => {
    await sql(`CREATE ROLE test_worker LOGIN PASSWORD 'test-worker'`);
    try {
      await sql('GRANT nx_worker TO test_worker');
      await sql('GRANT CONNECT ON DATABASE nx_identity TO test_worker');
      const url = new URL(testParts().postgres.appUrl);
      url.username = 'test_worker';
      url.password = 'test-worker';
      const worker = spawnWorker({ DATABASE_URL: url.toString() });
      await untilStatus(await messages.promise(), 'accepted');
      await sql(`UPDATE identity."Message" SET finished_at = now() - interval '31 days'`);
      expect(worker.output()).not.toContain('permission denied');
    } finally {
      for (const worker of workers) worker.kill('SIGKILL');
      await Promise.all(workers.map(({ exit }) => exit));
      await sql('DROP OWNED BY test_worker');
      await sql('DROP ROLE test_worker');
    }
  });

  test('listens where it has a direct way to PostgreSQL (D9)', async () => {
    spawnWorker({ DATABASE_DIRECT_URL: testParts().postgres.appUrl });
    await untilStatus(await messages.promise(), 'accepted');
    const listening = await sql(
      `SELECT query FROM pg_stat_activity WHERE application_name = 'nx-identity-listen'`,
    );
    expect(listening).toEqual([{ query: 'LISTEN "nx_message"' }]);
  });

  test('shows figures of messages on a port of its own, without a word about anybody (R6)', async () => {
    vnpay.always = 'busy'; // so it waits for its next round
    spawnWorker();
    await messages.promise();
    await vnpay.requests(1);
    const metrics = async () =>
      (await call(`http://127.0.0.1:${testParts().service.metricsPort}/metrics`)).text;
    while (!(await metrics()).includes('nx_messages_waiting{channel="sms"} 1'))
      await new Promise(setImmediate);
    const text = await metrics();
    expect(text).toMatch(/nx_messages_total\{channel="sms",provider="vnpay",outcome="refused"\} \d/);
    expect(text).toMatch(/nx_message_oldest_unsent_seconds\{channel="sms"\} \d/);
    expect(text).toMatch(/nx_queue_depth\{queue="messages"\} \d/);
    expect(text).not.toMatch(/901000001|482913/);
  });
});

describe('the ledger', () => {
  test('is read newest first, page by page, each message once, the recipient masked and no content in it (M3)', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.push(await messages.promise(otpSms()));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await messages.listMessages({ limit: 2, cursor });
      expect(JSON.stringify(page)).not.toMatch(/901000001|482913|sealed/);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(ids.reverse());
    expect((await messages.listMessages({ status: 'dead', limit: 10 })).items).toEqual([]);
  });

  test('tells how many were promised to somebody lately, without a word of whom (D8)', async () => {
    const purpose = 'otp.phone-auth';
    for (let count = 0; count < 3; count += 1) await messages.promise();
    await messages.promise({ to: '+84901000009' });
    await messages.promise({ purpose: 'otp.forgot-password' });
    expect(await messages.countPromised('+84901000001', purpose, 86_400)).toMatchObject({ count: 3 });
    await sql(`UPDATE identity."Message" SET created_at = now() - interval '25 hours'`);
    expect(await messages.countPromised('+84901000001', purpose, 86_400)).toEqual({ count: 0, oldestMs: 0 });
  });

  test('forgets finished messages and their attempts after the retention, and never one that waits (D7)', async () => {
    spawnWorker();
    const [old, recent] = [await messages.promise(), await messages.promise()];
    for (const id of [old, recent]) await untilStatus(id, 'accepted');
    const waiting = await messages.promise({ merchantId: 'x' });
    await sql(`UPDATE identity."Message" SET created_at = now() - interval '99 days'`);
    await sql(`UPDATE identity."Message" SET finished_at = now() - interval '31 days' WHERE id = $1`, [old]);
    await purgeMessages(messages.infrastructure.database, 30);
    const left = await sql<{ id: string }>('SELECT id FROM identity."Message"');
    expect(left.map(({ id }) => id).sort()).toEqual([recent, waiting].sort());
    expect(await attemptsOf(old)).toEqual([]);
  });

  test("keeps a dead message's code until its deadline and no longer (D7)", async () => {
    vnpay.always = 'refuse';
    await sql(`UPDATE public."Configuration" SET data = data || '{"statuses": {"refused": ["41"]}}'`);
    spawnWorker();
    const id = await messages.promise();
    expect((await untilStatus(id, 'dead')).sealed_secret).not.toBeNull();
    await sql(`UPDATE identity."Message" SET deadline_at = now() WHERE id = $1`, [id]);
    await untilErased(id);
  });
});

/** The sweeper looks every second. */
async function untilErased(id: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await messageRow(id)).sealed_secret === null) return;
    await sleep(50);
  }
  throw new Error('the code is still there');
}
