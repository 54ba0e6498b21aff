import type { RedisConnection } from '../redis/redis.js';
import type { Challenge } from './challenge.js';
import { otpKeys } from './redis-keys.js';
import { unlessRedisIsAway } from './refusal.js';

/**
 * Lifts the lock of an identifier, that of every known device included (O4): from then on each has all its tries again.
 * False: there was none.
 * @throws Problem `otp.unavailable` (503) while Redis is away
 */
export type LiftLock = (locked: Pick<Challenge, 'namespace' | 'identifier'>) => Promise<boolean>;

/** Setting a lock has reset the count of wrong codes, so the lock is all that there is to lift. */
export function createLiftLock({ redis }: { redis: RedisConnection }): LiftLock {
  return async (locked) => {
    const { keys } = otpKeys({ ...locked, device: null });
    return (await unlessRedisIsAway(redis.del(keys[0]))) > 0;
  };
}
