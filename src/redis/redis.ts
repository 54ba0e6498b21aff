import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Logger } from '../telemetry/logger.js';

/** Milliseconds. Redis only makes things better here: nothing waits long for it (D8). */
const COMMAND_TIMEOUT = 500;
const CONNECT_TIMEOUT = 2000;
const RECONNECT_EVERY = 1000;

/** One server, or a cluster of them. */
export type RedisConnection = Redis | Cluster;

/** Where Redis is. Of a cluster any of its nodes will do; several, so that one may be away at the start. */
export interface RedisPlace {
  urls: readonly string[];
  cluster: boolean;
}

/**
 * A connection that fails fast: no offline queue and no resending (ioredis does both by default), so a
 * command either ran once or failed. It connects in the background, and again when Redis returns.
 */
export function createRedis({ logger, ...place }: RedisPlace & { logger: Logger }): RedisConnection {
  const redis = connect(place, 'nx-identity', {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT,
    connectTimeout: CONNECT_TIMEOUT,
  });
  let reachable: boolean | undefined;
  redis.on('ready', () => {
    if (reachable === false) logger.info('redis is back');
    reachable = true;
  });
  redis.on('error', (error) => {
    if (reachable !== false) logger.warn({ err: error }, 'redis is away');
    reachable = false;
  });
  return redis;
}

/** A connection that reconnects for ever, and in a cluster never sends again what may have run. */
export function connect(
  { urls, cluster }: RedisPlace,
  connectionName: string,
  options: RedisOptions,
): RedisConnection {
  const [first] = urls;
  if (first === undefined) throw new RangeError('no Redis is named');
  if (!cluster) {
    return new Redis(first, { ...options, connectionName, retryStrategy: () => RECONNECT_EVERY });
  }
  const { protocol, username, password } = new URL(first);
  return new Cluster([...urls], {
    redisOptions: {
      ...options,
      connectionName,
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
    enableOfflineQueue: options.enableOfflineQueue ?? true,
    clusterRetryStrategy: () => RECONNECT_EVERY,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshTimeout: CONNECT_TIMEOUT,
    // Certificates name hosts: an address that a name stands for would fit none.
    dnsLookup: (address, callback) => callback(null, address),
  });
}
