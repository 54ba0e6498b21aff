import { Redis } from 'ioredis';
import type { Logger } from '../telemetry/logger.js';

const RECONNECT_MS = 1000;

/**
 * A connection of a queue's own. Producers fail at once while Redis is away; consumers wait (BullMQ asks for
 * `maxRetriesPerRequest: null`) and go on when it is back. Neither ends the process or keeps it from ending.
 */
export function createQueueConnection(options: {
  url: string;
  role: 'producer' | 'consumer';
  logger: Logger;
}): Redis {
  const { url, role, logger } = options;
  const redis = new Redis(url, {
    connectionName: `nx-identity-${role}`,
    connectTimeout: 2000,
    retryStrategy: () => RECONNECT_MS,
    ...(role === 'producer'
      ? {
          enableOfflineQueue: false,
          autoResendUnfulfilledCommands: false,
          maxRetriesPerRequest: 0,
          commandTimeout: 1000,
        }
      : { maxRetriesPerRequest: null }),
  });
  let away = false;
  redis.on('ready', () => {
    if (away) logger.info({ role }, 'the queue is back');
    away = false;
  });
  redis.on('error', (error) => {
    if (!away) logger.warn({ err: error, role }, 'the queue is away');
    away = true;
  });
  return redis;
}
