import type { RedisConnection } from './redis.js';

type Values = readonly (string | number)[];

/** Runs the script in one atomic step; all keys must share a hash slot. */
export type Script = (keys: readonly string[], args: Values) => Promise<unknown>;

/** Redis knows the script by its hash (EVALSHA) and is given the text again when it has lost it. */
export function createScript(redis: RedisConnection, name: string, lua: string): Script {
  redis.defineCommand(name, { lua });
  const command = (redis as unknown as Record<string, (...values: Values) => Promise<unknown>>)[name];
  if (!command) throw new Error(`ioredis did not define ${name}`);
  return (keys, args) => command.call(redis, keys.length, ...keys, ...args);
}
