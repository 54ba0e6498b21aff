import { Redis } from 'ioredis';
import type { Logger } from '../telemetry/logger.js';

/** Milliseconds. Redis only makes things better here: nothing waits long for it (D8). */
const COMMAND_TIMEOUT = 500;
const CONNECT_TIMEOUT = 2000;
const RECONNECT_EVERY = 1000;

/**
 * A connection that fails fast: no offline queue and no resending (ioredis does both by default), so a
 * command either ran once or failed. It connects in the background, and again when Redis returns.
 */
export function createRedis(options: { url: string; logger: Logger }): Redis {
  const redis = new Redis(options.url, {
    connectionName: 'nx-identity',
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT,
    connectTimeout: CONNECT_TIMEOUT,
    retryStrategy: () => RECONNECT_EVERY,
  });
  let reachable: boolean | undefined;
  redis.on('ready', () => {
    if (reachable === false) options.logger.info('redis is back');
    reachable = true;
  });
  redis.on('error', (error) => {
    if (reachable !== false) options.logger.warn({ err: error }, 'redis is away');
    reachable = false;
  });
  return redis;
}
