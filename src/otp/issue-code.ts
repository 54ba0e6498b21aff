import { randomBytes } from 'node:crypto';
import type { RedisConnection } from '../redis/redis.js';
import { createScript } from '../redis/script.js';
import type { Challenge, ChallengeIds } from './challenge.js';
import { type CodeMac, drawCode } from './otp-code.js';
import type { ReadOtpPolicy } from './otp-policy.js';
import { otpKeys } from './redis-keys.js';
import { type Refusal, refusal, unlessRedisIsAway } from './refusal.js';

export interface IssuedCode {
  challengeId: string;
  code: string;
  /** Seconds. */
  expiresIn: number;
  resendIn: number;
}

export type CodeRequest = Omit<Challenge, 'nonce'>;

/** The ledger's count of codes of the last 24 hours in a request's lane, and the age of the oldest in milliseconds. */
export type CountPromised = (
  request: Pick<CodeRequest, 'namespace' | 'identifier' | 'device'>,
) => Promise<{ codes: number; oldestMs: number }>;

export interface IssueCode {
  /** @throws Problem `otp.unavailable` (503) while Redis is away */
  issue(request: CodeRequest): Promise<IssuedCode | Refusal>;
  /** A challenge that no code fits, for an answer that must look like any other. */
  decoy(request: CodeRequest): Promise<Pick<IssuedCode, 'challengeId' | 'expiresIn'>>;
  /** Takes back a code that could not be promised: it counts for nothing, and the next may be asked for at once. */
  takeBack(request: CodeRequest): Promise<void>;
}

/**
 * A lane without a count is new today, or Redis has lost it: the ledger says how many codes were promised (D8). Guesses
 * are not in the ledger: as many as those codes allowed count as made, but for one code's worth.
 */
const ISSUE = `
local lock, quota, challenge, cooldown = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local lane, nonce, mac = ARGV[1], ARGV[2], ARGV[3]
local lifetime, pause, codes, day = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local attempts, guesses = tonumber(ARGV[8]), tonumber(ARGV[9])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local locked_until = tonumber(redis.call('HGET', lock, lane) or '0')
if locked_until > now then return {'locked', locked_until - now} end
local pausing = redis.call('PTTL', cooldown)
if pausing > 0 then return {'cooldown', pausing} end
if redis.call('HEXISTS', quota, 'codes:' .. lane) == 0 then
  if not ARGV[10] then return {'unseeded', 0} end
  local promised, age = tonumber(ARGV[10]), tonumber(ARGV[11])
  if promised > 0 then
    redis.call('HSET', quota, 'codes:' .. lane, promised)
    local least = math.min(promised * attempts, guesses - attempts)
    if tonumber(redis.call('HGET', quota, 'guesses') or '0') < least then redis.call('HSET', quota, 'guesses', least) end
    if redis.call('PTTL', quota) < 0 then redis.call('PEXPIRE', quota, math.max(1000, day - age)) end
  end
end
if tonumber(redis.call('HGET', quota, 'codes:' .. lane) or '0') >= codes then
  return {'quota_exceeded', redis.call('PTTL', quota)}
end

redis.call('HINCRBY', quota, 'codes:' .. lane, 1)
if redis.call('PTTL', quota) < 0 then redis.call('PEXPIRE', quota, day) end
redis.call('DEL', challenge)
redis.call('HSET', challenge, 'nonce', nonce, 'mac', mac)
redis.call('PEXPIRE', challenge, lifetime)
redis.call('SET', cooldown, '1', 'PX', pause)
return {'issued', 0}
`;

const TAKE_BACK = `
redis.call('DEL', KEYS[3], KEYS[4])
if redis.call('HEXISTS', KEYS[2], 'codes:' .. ARGV[1]) == 1 then
  redis.call('HINCRBY', KEYS[2], 'codes:' .. ARGV[1], -1)
end
`;

const newNonce = () => randomBytes(16).toString('base64url');

export const DAY_MS = 86_400_000;

/** Draws a code for an identifier, known or not: it is all one to this step (O5). The newest code of a lane is the only one. */
export function createIssueCode(options: {
  redis: RedisConnection;
  challengeIds: ChallengeIds;
  codeMac: CodeMac;
  readPolicy: ReadOtpPolicy;
  countPromised: CountPromised;
  random?: (below: number) => number;
}): IssueCode {
  const { redis, challengeIds, codeMac, readPolicy, countPromised, random } = options;
  const issueScript = createScript(redis, 'nxOtpIssue', ISSUE);
  const takeBackScript = createScript(redis, 'nxOtpTakeBack', TAKE_BACK);
  return {
    async issue(request) {
      const policy = await readPolicy(request.merchantId);
      const challenge = { ...request, nonce: newNonce() };
      const code = drawCode(random);
      const { lane, keys } = otpKeys(challenge);
      const mac = codeMac(challenge, code);
      const times = [policy.lifetimeS * 1000, policy.cooldownS * 1000];
      const limits = [policy.codesPerDay, DAY_MS, policy.attempts, policy.guessesPerDay];
      const step = (...seed: number[]) =>
        unlessRedisIsAway(
          issueScript(keys, [lane, challenge.nonce, mac, ...times, ...limits, ...seed]),
        ) as Promise<[string, number]>;
      let [outcome, waitMs] = await step();
      if (outcome === 'unseeded') {
        const { codes, oldestMs } = await countPromised(request);
        [outcome, waitMs] = await step(codes, Math.round(oldestMs));
      }
      if (outcome !== 'issued') return refusal(outcome, waitMs);
      return {
        challengeId: challengeIds.seal(challenge),
        code,
        expiresIn: policy.lifetimeS,
        resendIn: policy.cooldownS,
      };
    },
    async decoy(request) {
      const { lifetimeS } = await readPolicy(request.merchantId);
      return { challengeId: challengeIds.seal({ ...request, nonce: newNonce() }), expiresIn: lifetimeS };
    },
    async takeBack(request) {
      const { lane, keys } = otpKeys(request);
      await unlessRedisIsAway(takeBackScript(keys, [lane]));
    },
  };
}
