import { Queue } from 'bullmq';
import type { RedisPlace } from '../redis/redis.js';
import type { Logger } from '../telemetry/logger.js';
import { createQueueConnection } from './connection.js';

/** In braces, so that on a Redis Cluster all keys of all queues share one slot, as BullMQ's scripts need it. */
export const QUEUE_PREFIX = '{nx}';

/** Carries ids and nothing else: what an id stands for is in PostgreSQL (D7). */
export interface IdQueue {
  /** Adds what is not in the queue yet. @throws Error at once when Redis is away */
  add(ids: readonly string[]): Promise<void>;
  /** Jobs that nobody has finished. */
  depth(): Promise<number>;
  close(): Promise<void>;
}

export function createIdQueue(options: RedisPlace & { name: string; logger: Logger }): IdQueue {
  const { name } = options;
  const connection = createQueueConnection({ ...options, role: 'producer' });
  const queue = new Queue(name, { connection, prefix: QUEUE_PREFIX });
  queue.on('error', () => undefined); // the connection has told it

  const requireReady = () => {
    // BullMQ would wait for the first connection without end.
    if (connection.status !== 'ready') throw new Error('the queue is away');
  };
  return {
    async add(ids) {
      requireReady();
      await queue.addBulk(
        ids.map((id) => ({
          name: 'id',
          data: { id },
          // BullMQ refuses a bare number as an id.
          opts: { jobId: `id-${id}`, removeOnComplete: true, removeOnFail: true },
        })),
      );
    },
    async depth() {
      requireReady();
      return queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized');
    },
    async close() {
      connection.disconnect();
      await queue.close().catch(() => undefined);
    },
  };
}
