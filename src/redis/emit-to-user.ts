import type { Logger } from '../telemetry/logger.js';
import type { RedisConnection } from './redis.js';

/** Tells a person's open apps of something, by the platform's WebSocket servers; best effort, nobody waits for it (P6). */
export type EmitToUser = (userId: string, event: string, data: Record<string, unknown>) => void;

/** The emitter's protocol of the platform's WebSocket servers, which let what carries their own server id be. */
export function createEmitToUser({ redis, logger }: { redis: RedisConnection; logger: Logger }): EmitToUser {
  return (userId, event, data) => {
    const message = { serverId: 'emitter', type: 'user', target: userId, event, data };
    redis
      .publish(`ws:user:${userId}`, JSON.stringify(message))
      .catch((error: unknown) => logger.info({ err: error, event }, 'a broadcast was lost'));
  };
}
