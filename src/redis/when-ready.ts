import { setTimeout as after } from 'node:timers/promises';
import type { RedisConnection } from './redis.js';

const LOOK_EVERY_MS = 20;

/**
 * For a process that lives for one command: waits until the connection is there, since a command sent before that fails
 * at once. After `atMostMs` it gives up silently, and the command says what is wrong.
 */
export async function whenReady(redis: RedisConnection, atMostMs: number): Promise<void> {
  for (let waited = 0; redis.status !== 'ready' && waited < atMostMs; waited += LOOK_EVERY_MS) {
    await after(LOOK_EVERY_MS);
  }
}
