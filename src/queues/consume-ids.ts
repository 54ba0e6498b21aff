import { Worker } from 'bullmq';
import type { RedisPlace } from '../redis/redis.js';
import type { Running } from '../running.js';
import type { Logger } from '../telemetry/logger.js';
import { createQueueConnection } from './connection.js';
import { QUEUE_PREFIX } from './id-queue.js';

/** Milliseconds: how soon the job of a process that was killed goes to another. */
const LOCK = 10_000;
const LOOK_FOR_STALLED = 5000;
const CLOSE_WITHIN = 8000;

/** Hands ids to `work`, some at a time. An id may come twice: `work` asks PostgreSQL what is still to be done. */
export function consumeIds(
  options: RedisPlace & {
    name: string;
    atOnce: number;
    work: (id: string) => Promise<void>;
    logger: Logger;
  },
): Running {
  const { name, atOnce, work, logger } = options;
  const connection = createQueueConnection({ ...options, role: 'consumer' });
  const worker = new Worker<{ id: string }>(
    name,
    async ({ data }) => {
      await work(data.id).catch((error: unknown) => {
        logger.error({ err: error, queue: name, id: data.id }, 'the work of a queue failed');
      });
    },
    {
      connection,
      prefix: QUEUE_PREFIX,
      concurrency: atOnce,
      lockDuration: LOCK,
      stalledInterval: LOOK_FOR_STALLED,
      maxStalledCount: 100,
    },
  );
  let away = false;
  worker.on('error', (error) => {
    if (!away) logger.warn({ err: error, queue: name }, 'the queue has trouble');
    away = true;
  });
  worker.on('active', () => {
    away = false;
  });
  return {
    async stop() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_WITHIN).unref());
      // With Redis away a clean close would wait without end; what isn't done is found again by the relay.
      await Promise.race([worker.close(connection.status !== 'ready').catch(() => undefined), late]);
      connection.disconnect();
    },
  };
}
