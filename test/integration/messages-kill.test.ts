import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import { createMessageRelay, createMessageStore } from '../../src/messaging/index.js';
import { createIdQueue } from '../../src/queues/id-queue.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { testParts } from '../parts.js';
import { ESMS_CREDENTIAL, startEsms } from '../stand-ins/esms.js';
import type { StandIn } from '../stand-ins/http-stand-in.js';
import { startVnpay, VNPAY_SECRET } from '../stand-ins/vnpay.js';
import { sql } from '../support/database.js';
import {
  attemptsOf,
  configure,
  forgetMessages,
  otpSms,
  startPromising,
  untilStatus,
  WITHOUT_INBOX,
} from '../support/messages.js';
import { type ServiceProcess, spawnService } from '../support/process.js';

let vnpay: StandIn;
let esms: StandIn;
let messages: ReturnType<typeof startPromising>;
let workers: ServiceProcess[] = [];

const spawnWorker = () => {
  const worker = spawnService({
    ...serviceEnvironment(testParts(), 'worker'),
    ...WITHOUT_INBOX,
    LOG_LEVEL: 'trace',
  });
  workers.push(worker);
  return worker;
};
const kill = async (worker: ServiceProcess) => {
  worker.kill('SIGKILL');
  await worker.exit;
};

beforeAll(async () => {
  [vnpay, esms] = await Promise.all([startVnpay(), startEsms()]);
  messages = startPromising();
});
beforeEach(async () => {
  await forgetMessages();
  vnpay.reset();
  esms.reset();
  await configure(
    'SMS_VNPAY',
    { url: vnpay.url, partnerCode: 'NX', sender: 'NXTEST' },
    { secret: VNPAY_SECRET },
  );
  await configure('SMS_ESMS', { url: esms.url, brandname: 'NXTEST' }, ESMS_CREDENTIAL);
});
afterEach(async () => {
  await Promise.all(workers.map(kill));
  workers = [];
});
afterAll(async () => {
  await forgetMessages();
  await Promise.all([vnpay.close(), esms.close(), messages.close()]);
});

const sentIds = () => [
  ...vnpay.accepted.map(({ body }) => body.messageId),
  ...esms.accepted.map(({ body }) => body.RequestId),
];

describe('kill -9', () => {
  test('before anything was done with the row: sent once, by the worker that comes (L0)', async () => {
    const id = await messages.promise();
    spawnWorker();
    await untilStatus(id, 'accepted');
    expect(sentIds()).toHaveLength(1);
  });

  test('after the job was put into the queue: sent once (L0)', async () => {
    const id = await messages.promise();
    const logger = createLogger({ level: 'silent' });
    const queue = createIdQueue({ name: 'messages', urls: [testParts().redis.url], cluster: false, logger });
    const relay = createMessageRelay({
      database: messages.infrastructure.database,
      enqueue: async (ids) => {
        while ((await queue.depth().catch(() => -1)) < 0) await new Promise(setImmediate);
        await queue.add(ids);
      },
    });
    await relay.relayDue();
    await queue.close();
    spawnWorker();
    await untilStatus(id, 'accepted');
    expect(sentIds()).toHaveLength(1);
  });

  test('after a worker took the message and before it called anybody: sent once (L0)', async () => {
    const id = await messages.promise();
    await createMessageStore(messages.infrastructure.database).claim(id, 'a worker that is gone');
    spawnWorker();
    await untilStatus(id, 'accepted');
    expect(sentIds()).toHaveLength(1);
  });

  test("after the provider's yes and before it was written down: one duplicate, under the same id (D1)", async () => {
    vnpay.next = ['hold'];
    const killed = spawnWorker();
    const id = await messages.promise();
    await vnpay.requests(1);
    await kill(killed);
    spawnWorker();
    await untilStatus(id, 'accepted', 55_000);
    expect(sentIds()).toHaveLength(2);
    expect(new Set(sentIds()).size).toBe(1);
    expect((await attemptsOf(id)).map(({ status }) => status)).toEqual(['started', 'accepted']);
  });

  test('on SIGTERM it finishes the call under way and ends with code 0 (faults)', async () => {
    vnpay.next = ['stall'];
    const stopped = spawnWorker();
    const id = await messages.promise();
    await vnpay.requests(1);
    stopped.kill('SIGTERM');
    expect((await stopped.exit).code).toBe(0);
    spawnWorker();
    await untilStatus(id, 'accepted');
    expect((await attemptsOf(id)).map(({ status }) => status)).toEqual(['unclear', 'accepted']);
  });
});

test('a code, its recipient and the provider’s secrets stand in clear in no table, queue or log (canary, R5)', async () => {
  const code = '7351926480';
  const commands: string[] = [];
  const watcher = new Redis(testParts().redis.url);
  const monitor = await watcher.monitor();
  monitor.on('monitor', (_time: string, command: string[]) => commands.push(command.join(' ')));
  vnpay.next = ['stall', 'unknown-status'];
  const worker = spawnWorker();
  const id = await messages.promise({ ...otpSms(code), to: '+84907654321' });
  await vnpay.requests(1); // it waits now in every place where it ever waits
  const whileWaiting = await dump();
  await untilStatus(id, 'accepted');
  const seen = [whileWaiting, await dump(), ...commands, worker.output()].join('\n');
  monitor.disconnect();
  watcher.disconnect();
  expect(vnpay.received[0]?.body.shortMessage).toContain(code);
  expect(commands.join()).toContain(id); // it was watched
  // One slot of a Redis Cluster for every key of the queue (D9).
  const keys = commands
    .flatMap((command) => command.split(' '))
    .filter((word) => /^[{}\w]+:messages/.test(word));
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.filter((key) => !key.startsWith('{nx}:'))).toEqual([]);
  expect(seen).toContain('+84******321');
  for (const secret of [code, '907654321', VNPAY_SECRET, ...Object.values(ESMS_CREDENTIAL)]) {
    expect(seen).not.toContain(secret);
  }
});

/** Every row of the tables that a message passes through. */
async function dump(): Promise<string> {
  const tables = ['identity."Message"', 'identity."MessageAttempt"', 'public."Configuration"'];
  const rows = await Promise.all(tables.map((table) => sql(`SELECT * FROM ${table}`)));
  return JSON.stringify(rows);
}
