import type { RedisConnection } from '../redis/redis.js';
import { createScript } from '../redis/script.js';
import type { Challenge, ChallengeIds, OtpNamespace } from './challenge.js';
import { DAY_MS } from './issue-code.js';
import type { CodeMac } from './otp-code.js';
import type { ReadOtpPolicy } from './otp-policy.js';
import { otpKeys } from './redis-keys.js';
import { type Refusal, refusal, unlessRedisIsAway } from './refusal.js';

/**
 * `wrong` is one word for wrong, old, used, foreign and made up. Only a code that was compared has a challenge: not
 * for the caller's answer, but for other counts of the same guess.
 */
export type Verdict =
  | { verdict: 'right'; challenge: Challenge }
  | { verdict: 'wrong'; challenge?: Challenge }
  | Refusal;

export interface CodeTrial {
  namespace: OtpNamespace;
  challengeId: string;
  code: string;
  /** Refuses a challenge that was not made for what the caller is about to do. */
  accepts(challenge: Challenge): boolean;
}

/** @throws Problem `otp.unavailable` (503) while Redis is away */
export type VerifyCode = (trial: CodeTrial) => Promise<Verdict>;

/** A challenge that is not the newest of its lane is over: nothing is compared, so nothing is counted. */
const VERIFY = `
local lock, quota, challenge, cooldown, attempts = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local lane, nonce, mac = ARGV[1], ARGV[2], ARGV[3]
local most, pause, guesses, day = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local locked_until = tonumber(redis.call('HGET', lock, lane) or '0')
if locked_until > now then return {'locked', locked_until - now} end
local live = redis.call('HMGET', challenge, 'nonce', 'mac')
if live[1] ~= nonce then return {'over', 0} end
if tonumber(redis.call('HGET', quota, 'guesses') or '0') >= guesses then
  return {'quota_exceeded', redis.call('PTTL', quota)}
end

redis.call('HINCRBY', quota, 'guesses', 1)
if redis.call('PTTL', quota) < 0 then redis.call('PEXPIRE', quota, day) end
if live[2] == mac then
  redis.call('DEL', challenge, cooldown, attempts)
  return {'right', 0}
end
if redis.call('INCR', attempts) < most then
  redis.call('PEXPIRE', attempts, day)
  return {'wrong', 0}
end
redis.call('DEL', attempts, cooldown)
redis.call('HSET', lock, lane, string.format('%.0f', now + pause))
if redis.call('PTTL', lock) < pause then redis.call('PEXPIRE', lock, pause) end
return {'wrong', 0}
`;

/** Compares, counts, locks and consumes in one step: a thousand tries at once cost no more than the allowed few (O3). */
export function createVerifyCode(options: {
  redis: RedisConnection;
  challengeIds: ChallengeIds;
  codeMac: CodeMac;
  readPolicy: ReadOtpPolicy;
}): VerifyCode {
  const { redis, challengeIds, codeMac, readPolicy } = options;
  const verifyScript = createScript(redis, 'nxOtpVerify', VERIFY);
  return async ({ namespace, challengeId, code, accepts }) => {
    const challenge = challengeIds.open(challengeId);
    if (challenge?.namespace !== namespace || !accepts(challenge)) return { verdict: 'wrong' };
    const policy = await readPolicy(challenge.merchantId);
    const { lane, keys } = otpKeys(challenge);
    const limits = [policy.attempts, policy.lockS * 1000, policy.guessesPerDay, DAY_MS];
    const [outcome, waitMs] = (await unlessRedisIsAway(
      verifyScript(keys, [lane, challenge.nonce, codeMac(challenge, code), ...limits]),
    )) as [string, number];
    if (outcome === 'right' || outcome === 'wrong') return { verdict: outcome, challenge };
    return outcome === 'over' ? { verdict: 'wrong' } : refusal(outcome, waitMs);
  };
}
