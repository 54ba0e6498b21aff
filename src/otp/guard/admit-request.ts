import type { RedisConnection } from '../../redis/redis.js';
import { createScript } from '../../redis/script.js';
import type { OtpPolicy } from '../otp-policy.js';
import { unlessRedisIsAway } from '../refusal.js';
import { addressBlock } from './address-block.js';
import { guardKeys } from './guard-keys.js';
import { STEP_MS, STEPS } from './watch-conversion.js';

const HOUR_MS = 3_600_000;

/** Who asks for a code, and where it would go. */
export interface GuardedRequest {
  scheme: 'phone' | 'email';
  /** E.164, or an e-mail address. */
  value: string;
  /** ISO 3166-1 alpha-2 of a phone number, where it tells. */
  country: string | null;
  merchantId: string | null;
  visitor: { address: string; agent: string };
  /** From a device that has signed in to this account: strangers' asking must not keep its owner out. */
  trusted: boolean;
  /** Whether it would be sent if nothing is said against it. */
  sendable: boolean;
}

export type LimitRefusal = 'address_block' | 'number_prefix' | 'country' | 'conversion';

export type CountRequest = (
  request: GuardedRequest,
  policy: OtpPolicy,
) => Promise<{ refused: LimitRefusal | null; collapsed: boolean }>;

/**
 * Whoever is over one count adds to no later one: an address block can't use up the numbers of others, nor a number
 * block the country. Asking for what is not sent counts for block and prefix, and never for the country: strangers
 * could shut it by asking for numbers that nobody has.
 */
const ADMIT = `
local block, prefix, country, conversion = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local per_block, per_prefix, per_country = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local hour, sendable, trusted = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'
local least_sent, least_percent = tonumber(ARGV[7]), tonumber(ARGV[8])
local steps, step_ms = tonumber(ARGV[9]), tonumber(ARGV[10])

local function over(key, by, most)
  local count = redis.call('INCRBY', key, by)
  if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, hour) end
  return count > most
end

local function collapsed()
  local now = math.floor(redis.call('TIME')[1] * 1000 / step_ms)
  local sent, verified = 0, 0
  local held = redis.call('HGETALL', conversion)
  for i = 1, #held, 2 do
    local what, step = string.match(held[i], '^(%a+):(%d+)$')
    if tonumber(step) <= now - steps then redis.call('HDEL', conversion, held[i])
    elseif what == 'sent' then sent = sent + held[i + 1]
    else verified = verified + held[i + 1] end
  end
  return sent >= least_sent and verified * 100 < sent * least_percent
end

if over(block, 1, per_block) and not trusted then return {'address_block', 0} end
if not prefix then return {'', 0} end
if over(prefix, 1, per_prefix) and not trusted then return {'number_prefix', 0} end
local low = collapsed() and 1 or 0
if low == 1 and not trusted then return {'conversion', low} end
if over(country, sendable, per_country) then return {'country', low} end
return {'', low}
`;

/** One step in Redis for every request alike. @throws Problem `otp.unavailable` (503) while Redis is away */
export function createCountRequest(options: {
  redis: RedisConnection;
  /** Requests an hour from one address block. */
  perAddressBlock: number;
}): CountRequest {
  const { redis, perAddressBlock } = options;
  const admit = createScript(redis, 'nxOtpAdmit', ADMIT);
  return async ({ scheme, value, country, merchantId, visitor, trusted, sendable }, policy) => {
    const block = guardKeys.addressBlock(addressBlock(visitor.address));
    const ofNumber = [
      guardKeys.numberPrefix(value),
      guardKeys.country(country),
      guardKeys.conversion(merchantId, value),
    ];
    const [refused, low] = (await unlessRedisIsAway(
      admit(scheme === 'phone' ? [block, ...ofNumber] : [block], [
        perAddressBlock,
        policy.numberPrefixPerHour,
        policy.countryPerHour,
        HOUR_MS,
        sendable ? 1 : 0,
        trusted ? 1 : 0,
        policy.conversionLeastSent,
        policy.conversionLeastPercent,
        STEPS,
        STEP_MS,
      ]),
    )) as [LimitRefusal | '', number];
    return { refused: refused === '' ? null : refused, collapsed: low === 1 };
  };
}
