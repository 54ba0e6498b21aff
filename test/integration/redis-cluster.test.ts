import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { consumeIds } from '../../src/queues/consume-ids.js';
import { createIdQueue } from '../../src/queues/id-queue.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { codeFromInbox } from '../support/inbox.js';
import { createPhonePerson, newPhone, requestCode, verifyCode } from '../support/phones.js';
import { startRedisCluster } from '../support/redis-cluster.js';
import { startService, type TestService } from '../support/service.js';

let cluster: Awaited<ReturnType<typeof startRedisCluster>>;
let service: TestService;
beforeAll(async () => {
  cluster = await startRedisCluster();
  service = await startService({ REDIS_URL: cluster.urls.join(','), REDIS_CLUSTER: '1' }, { worker: true });
});
afterAll(async () => {
  await service?.stop();
  await cluster?.stop();
});

const keysPerMaster = () => Promise.all(cluster.masters.map((master) => master.dbsize()));

describe('on a cluster of three masters (D9)', () => {
  test('a code is asked for, sent by the queue, and signs in', async () => {
    const person = await createPhonePerson();
    const { status, body } = await requestCode(service, person.phone);
    expect(status).toBe(202);
    const code = await codeFromInbox(service, person.phone);
    const answer = await verifyCode(service, { challengeId: body.challengeId, code });
    expect([answer.status, answer.body.user?.id]).toEqual([200, person.userId]);
  });

  test('codes of many numbers lie on every master, and each keeps its count and lock', async () => {
    const phones = Array.from({ length: 30 }, newPhone);
    const asked = await Promise.all(phones.map((phone) => requestCode(service, phone)));
    expect(asked.map(({ status }) => status)).toEqual(phones.map(() => 202));
    for (const count of await keysPerMaster()) expect(count).toBeGreaterThan(0);
    const trials = phones.slice(0, 5).map(async (phone, n) => {
      const { challengeId } = asked[n]?.body ?? {};
      const statuses: number[] = [];
      for (let guess = 0; guess < 6; guess++)
        statuses.push((await verifyCode(service, { challengeId, code: '000000' })).status);
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
      await service.infrastructure.redis.del(`phone-auth:lock:${phone}`);
      await service.infrastructure.redis.del(`{phone-auth:lock:${phone}}:cooldown`);
      expect((await requestCode(service, phone)).status).toBe(202);
    });
    await Promise.all(trials);
  });

  test('limits are shared by all replicas, whichever master counts', async () => {
    const limited = await startService({
      REDIS_URL: cluster.urls[0] ?? '',
      REDIS_CLUSTER: '1',
      IDENTITY_LIMIT_OTP_PER_ADDRESS: '1',
    });
    const statuses: number[] = [];
    for (let n = 0; n < 11; n++) statuses.push((await requestCode(limited, newPhone())).status);
    const counters = await Promise.all(cluster.masters.map((master) => master.keys('nx:limit:otp-request*')));
    expect(counters.flat()).toHaveLength(1);
    expect(statuses.at(-1)).toBe(429);
    await limited.stop();
  });

  test('a queue takes ids and hands each on once', async () => {
    const logger = createLogger({ level: 'silent' });
    const place = { urls: cluster.urls, cluster: true, logger };
    const queue = createIdQueue({ name: 'cluster-test', ...place });
    const ids = Array.from({ length: 50 }, (_, n) => String(n));
    for (;;) {
      const added = await queue.add(ids).then(
        () => true,
        () => false,
      );
      if (added) break;
      await new Promise((resolve) => setTimeout(resolve, 50)); // its first connection
    }
    const seen: string[] = [];
    let all: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      all = resolve;
    });
    const consumer = consumeIds({
      name: 'cluster-test',
      ...place,
      atOnce: 5,
      work: async (id) => void (seen.push(id) === ids.length && all()),
    });
    await done;
    await consumer.stop();
    await queue.close();
    expect(seen.sort()).toEqual([...ids].sort());
  });
});
