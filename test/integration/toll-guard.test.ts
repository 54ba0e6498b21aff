import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type BotCheck,
  createCountConversion,
  createCountRequest,
  createTollGuard,
  DEFAULT_OTP_POLICY,
  type GuardedRequest,
  otpPolicySchema,
  passEverybody,
} from '../../src/otp/index.js';
import { createRedis } from '../../src/redis/redis.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { testParts } from '../parts.js';
import { addressBlock, numberBlock } from '../support/toll.js';

const logger = createLogger({ level: 'silent' });
const redis = createRedis({ urls: [testParts().redis.url], cluster: false, logger });
beforeAll(() => once(redis, 'ready'));
afterAll(() => redis.disconnect());

const policy = { ...DEFAULT_OTP_POLICY, numberPrefixPerHour: 5, conversionLeastSent: 8 };

function replica(
  settings: Partial<typeof policy> = {},
  options: { perAddressBlock?: number; botCheck?: BotCheck } = {},
) {
  const metrics = createMetrics();
  const countConversion = createCountConversion(redis);
  const guard = createTollGuard({
    countRequest: createCountRequest({ redis, perAddressBlock: options.perAddressBlock ?? 20 }),
    countConversion,
    botCheck: options.botCheck ?? passEverybody,
    readPolicy: async () => ({ ...policy, ...settings }),
    metrics,
    logger,
  });
  return { ...guard, countConversion, metrics };
}

const request = (change: Partial<GuardedRequest> = {}): GuardedRequest => ({
  scheme: 'phone',
  value: numberBlock().number(),
  country: `test ${Math.random()}`,
  merchantId: null,
  visitor: { address: addressBlock().address(), agent: 'test' },
  trusted: false,
  sendable: true,
  ...change,
});

async function refusals(
  guard: ReturnType<typeof replica>,
  count: number,
  next: () => Partial<GuardedRequest>,
): Promise<(string | null)[]> {
  const admissions = Array.from({ length: count }, () => guard.admit(request(next())));
  return (await Promise.all(admissions)).map(({ refused }) => refused);
}
const tally = (found: (string | null)[], reason: string | null) =>
  found.filter((one) => one === reason).length;

describe('the guard (O7)', () => {
  test('lets an address block ask so often an hour, whichever of its addresses asks', async () => {
    const block = addressBlock();
    const found = await refusals(replica(), 30, () => ({ visitor: { address: block.address(), agent: '' } }));
    expect([tally(found, null), tally(found, 'address_block')]).toEqual([20, 10]);
  });

  test('takes a /48 of IPv6 as one block, and IPv4 written as IPv6 as IPv4', async () => {
    const site = `2001:db8:${Math.floor(Math.random() * 65_535).toString(16)}`;
    let n = 0;
    const six = await refusals(replica(), 25, () => ({
      visitor: { address: `${site}:${(n++).toString(16)}::1`, agent: '' },
    }));
    expect(tally(six, 'address_block')).toBe(5);
    const block = addressBlock();
    const four = await refusals(replica(), 25, () => ({
      visitor: { address: n++ % 2 ? block.address() : `::ffff:${block.address()}`, agent: '' },
    }));
    expect(tally(four, 'address_block')).toBe(5);
  });

  test('lets a thousand neighbouring numbers be asked for so often an hour, by two replicas together', async () => {
    const block = numberBlock();
    const [one, other] = [replica(), replica()];
    const found = await Promise.all([
      refusals(one, 6, () => ({ value: block.number() })),
      refusals(other, 6, () => ({ value: block.number() })),
    ]);
    expect(tally(found.flat(), 'number_prefix')).toBe(7);
  });

  test('counts numbers that nobody has for block and prefix, and never for the country', async () => {
    const country = `unknown ${Math.random()}`;
    const guard = replica({ countryPerHour: 10 });
    const asked = await refusals(guard, 30, () => ({ country, sendable: false }));
    expect(tally(asked, null)).toBe(30);
    const known = await refusals(guard, 12, () => ({ country }));
    expect([tally(known, null), tally(known, 'country')]).toEqual([10, 2]);
    const block = numberBlock();
    const nobody = await refusals(guard, 6, () => ({ value: block.number(), sendable: false }));
    expect(tally(nobody, 'number_prefix')).toBe(1);
  });

  test('an address block over its count uses up nothing of the numbers it asks for', async () => {
    const [from, block] = [addressBlock(), numberBlock()];
    const guard = replica({}, { perAddressBlock: 1 });
    await refusals(guard, 20, () => ({
      visitor: { address: from.address(), agent: '' },
      value: block.number(),
    }));
    expect(await refusals(guard, 1, () => ({ value: block.number() }))).toEqual([null]);
  });

  test('strangers keep no known device out; the country holds for it too', async () => {
    const block = numberBlock();
    const guard = replica({ countryPerHour: 10 });
    await refusals(guard, 10, () => ({ value: block.number(), sendable: false }));
    const country = `known ${Math.random()}`;
    const found = await refusals(guard, 12, () => ({ value: block.number(), trusted: true, country }));
    expect([tally(found, null), tally(found, 'country')]).toEqual([10, 2]);
  });

  test('asks the bot check, and lets pass when that fails', async () => {
    const refusing = replica({}, { botCheck: async ({ agent }) => (agent === 'bot' ? 'refuse' : 'pass') });
    const from = (agent: string) => ({ visitor: { address: addressBlock().address(), agent } });
    expect((await refusing.admit(request(from('bot')))).refused).toBe('bot');
    expect((await refusing.admit(request(from('person')))).refused).toBeNull();
    const failing = replica({}, { botCheck: () => Promise.reject(new Error('away')) });
    expect((await failing.admit(request())).refused).toBeNull();
  });

  test('keeps no counter longer than an hour, and its keys in one slot of a cluster', async () => {
    const [value, address] = [numberBlock().number(), addressBlock().address()];
    await replica().admit(request({ value, visitor: { address, agent: '' } }));
    const keys = await redis.keys('{nx:otp-guard}:*');
    expect(keys).toContain(`{nx:otp-guard}:prefix:${value.slice(0, -3)}`);
    for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0);
  });

  test('merchants set their ceiling within bounds; nobody turns the guard off', () => {
    expect(otpPolicySchema.parse({})).toMatchObject({ spendCeilingVnd: 5_000_000, numberPrefixPerHour: 30 });
    for (const data of [{ spendCeilingVnd: -1 }, { numberPrefixPerHour: 1e6 }, { countryPerHour: 0 }])
      expect(otpPolicySchema.safeParse(data).success).toBe(false);
  });
});

describe('the watch on conversion (O7)', () => {
  const spread = { numberPrefixPerHour: 1000 };

  async function sent(guard: ReturnType<typeof replica>, value: string, count: number, verified: number) {
    for (let n = 0; n < count; n++) await guard.countConversion('sent', { merchantId: null, e164: value });
    for (let n = 0; n < verified; n++)
      await guard.countConversion('verified', { merchantId: null, e164: value });
  }

  test('sends no more to a prefix whose codes do not come back, and raises a count for an alert', async () => {
    const [guard, block] = [replica(spread), numberBlock()];
    await sent(guard, block.number(), 7, 0);
    expect((await guard.admit(request({ value: block.number() }))).refused).toBeNull();
    await sent(guard, block.number(), 1, 0);
    expect((await guard.admit(request({ value: block.number() }))).refused).toBe('conversion');
    expect((await guard.admit(request({ value: block.number(), merchantId: 'm2' }))).refused).toBeNull();
    const { body } = await guard.metrics.render();
    expect(body).toContain('nx_otp_conversion_total{event="collapsed"} 1');
  });

  test('goes on where they do, and where it is set to watch alone', async () => {
    const [guard, block] = [replica(spread), numberBlock()];
    await sent(guard, block.number(), 10, 1);
    expect((await guard.admit(request({ value: block.number() }))).refused).toBeNull();
    const lenient = replica({ ...spread, conversionLeastPercent: 0 });
    await sent(lenient, block.number(), 100, 0);
    expect((await lenient.admit(request({ value: block.number() }))).refused).toBeNull();
  });

  test('forgets what is older than an hour', async () => {
    const [guard, block] = [replica(spread), numberBlock()];
    const value = block.number();
    const key = `{nx:otp-guard}:conversion::${value.slice(0, -3)}`;
    const step = Math.floor(Date.now() / 300_000);
    await redis.hset(key, { [`sent:${step - 13}`]: 100 });
    expect((await guard.admit(request({ value }))).refused).toBeNull();
    expect(await redis.exists(key)).toBe(0);
  });

  test('counts what was sent and what came back, and no number in any label (R11)', async () => {
    const [guard, value] = [replica(spread), numberBlock().number()];
    guard.settled(request({ value }), null);
    guard.settled(request({ value }), 'no_account');
    const challenge = {
      ...{ namespace: 'phone-auth' as const, identifier: value, merchantId: null },
      ...{ device: null, nonce: 'n', purpose: {} },
    };
    const verify = guard.watching(async () => ({ verdict: 'right', challenge }));
    await verify({ namespace: 'phone-auth', challengeId: 'c', code: '123456', accepts: () => true });
    const { body } = await guard.metrics.render();
    expect(body).toContain('nx_otp_requests_total{outcome="sent"} 1');
    expect(body).toContain('nx_otp_requests_total{outcome="no_account"} 1');
    expect(body).toContain('nx_otp_conversion_total{event="verified"} 1');
    expect(body).not.toContain(value.slice(1, 6));
  });
});
