import type { RedisConnection } from '../../redis/redis.js';
import { createScript } from '../../redis/script.js';
import { guardKeys } from './guard-keys.js';

/** An hour that slides in steps of five minutes. */
export const STEP_MS = 300_000;
export const STEPS = 12;

const COUNT = `
local step = math.floor(redis.call('TIME')[1] * 1000 / tonumber(ARGV[2]))
redis.call('HINCRBY', KEYS[1], ARGV[1] .. ':' .. string.format('%.0f', step), 1)
redis.call('PEXPIRE', KEYS[1], ARGV[2] * (ARGV[3] + 1))
`;

/** Counts codes that were promised and codes that came back, by merchant and number prefix. */
export type CountConversion = (
  what: 'sent' | 'verified',
  code: { merchantId: string | null; e164: string },
) => Promise<void>;

export function createCountConversion(redis: RedisConnection): CountConversion {
  const count = createScript(redis, 'nxOtpConversion', COUNT);
  return async (what, { merchantId, e164 }) => {
    await count([guardKeys.conversion(merchantId, e164)], [what, STEP_MS, STEPS]);
  };
}
