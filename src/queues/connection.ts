import { connect, type RedisConnection, type RedisPlace } from '../redis/redis.js';
import type { Logger } from '../telemetry/logger.js';

/**
 * A connection of a queue's own. Producers fail at once while Redis is away; consumers wait (BullMQ asks for
 * `maxRetriesPerRequest: null`) and go on when it is back. Neither ends the process or keeps it from ending.
 */
export function createQueueConnection(
  options: RedisPlace & { role: 'producer' | 'consumer'; logger: Logger },
): RedisConnection {
  const { role, logger } = options;
  const redis = connect(options, `nx-identity-${role}`, {
    connectTimeout: 2000,
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
