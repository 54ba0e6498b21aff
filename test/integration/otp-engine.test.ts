import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createChallengeIds,
  createCodeMac,
  createIssueCode,
  createVerifyCode,
  DEFAULT_OTP_POLICY,
  type IssuedCode,
  type OtpNamespace,
} from '../../src/otp/index.js';
import { createRedis } from '../../src/redis/redis.js';
import { createRequestCode, createSendCode } from '../../src/sign-in/index.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { testParts } from '../parts.js';

const logger = createLogger({ level: 'silent' });
const redis = createRedis({ urls: [testParts().redis.url], cluster: false, logger });
const pepper = randomBytes(32);

/** One replica: it shares the pepper and Redis with the others and nothing else. */
function replica(connection = redis) {
  const shared = {
    redis: connection,
    challengeIds: createChallengeIds(pepper),
    codeMac: createCodeMac(pepper),
    readPolicy: async () => DEFAULT_OTP_POLICY,
    countPromised: async () => ({ codes: 0, oldestMs: 0 }),
  };
  return { ...createIssueCode(shared), verify: createVerifyCode(shared) };
}

const engine = replica();
const wrongOf = (code: string) => (code === '000000' ? '000001' : '000000');

beforeAll(() => once(redis, 'ready'));
afterAll(() => redis.disconnect());

function somebody(namespace: OtpNamespace = 'phone-auth', device: string | null = null) {
  const identifier = `+8490${String(Math.random()).slice(2, 9)}`;
  const lock = `${namespace}:lock:${identifier}`;
  const request = { namespace, identifier, merchantId: null, device, purpose: {} };
  return {
    identifier,
    lock,
    async ask() {
      return engine.issue(request);
    },
    /** A code past the cooldown of the one before. */
    async code(): Promise<IssuedCode> {
      await redis.del(`{${lock}}:cooldown`, `{${lock}}:device:${device}:cooldown`);
      const issued = await engine.issue(request);
      if ('refused' in issued) throw new Error(`refused: ${issued.refused}`);
      return issued;
    },
    async try(challengeId: string, code: string) {
      const verdict = await engine.verify({ namespace, challengeId, code, accepts: () => true });
      return 'verdict' in verdict ? verdict.verdict : verdict.refused;
    },
    async guess({ challengeId, code }: IssuedCode, times = 1) {
      const verdicts: string[] = [];
      for (let n = 0; n < times; n++) verdicts.push(await this.try(challengeId, wrongOf(code)));
      return verdicts;
    },
  };
}

describe('a code', () => {
  test('has six digits, lives five minutes and is taken once (O3)', async () => {
    const person = somebody();
    const issued = await person.code();
    expect(issued).toMatchObject({ code: expect.stringMatching(/^\d{6}$/), expiresIn: 300, resendIn: 60 });
    expect(await redis.pttl(`{${person.lock}}:challenge`)).toBeGreaterThan(290_000);
    expect(await redis.pttl(`{${person.lock}}:challenge`)).toBeLessThanOrEqual(300_000);
    expect(await person.try(issued.challengeId, issued.code)).toBe('right');
    expect(await person.try(issued.challengeId, issued.code)).toBe('wrong');
  });

  test('is taken once by fifty who have it at the same instant, on two replicas (O3)', async () => {
    const person = somebody();
    const { challengeId, code } = await person.code();
    const connection = createRedis({ urls: [testParts().redis.url], cluster: false, logger });
    await once(connection, 'ready');
    const replicas = [engine, replica(connection)];
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        replicas[n % 2]?.verify({ namespace: 'phone-auth', challengeId, code, accepts: () => true }),
      ),
    );
    connection.disconnect();
    expect(verdicts.filter((one) => one && 'verdict' in one && one.verdict === 'right')).toHaveLength(1);
    expect(verdicts.filter((one) => one && 'refused' in one)).toEqual([]);
  });

  test('is dead once a newer one was asked for (contract §4)', async () => {
    const person = somebody();
    const old = await person.code();
    const fresh = await person.code();
    expect(await person.try(old.challengeId, old.code)).toBe('wrong');
    expect(await person.try(fresh.challengeId, old.code === fresh.code ? wrongOf(old.code) : old.code)).toBe(
      'wrong',
    );
    expect(await person.try(fresh.challengeId, fresh.code)).toBe('right');
  });

  test('opens no other namespace, challenge or identifier (hostile input)', async () => {
    const [person, other] = [somebody(), somebody()];
    const [mine, theirs] = [await person.code(), await other.code()];
    const elsewhere = { challengeId: mine.challengeId, code: mine.code, accepts: () => true };
    expect(await engine.verify({ ...elsewhere, namespace: 'forgot-password' })).toEqual({
      verdict: 'wrong',
    });
    if (mine.code !== theirs.code) expect(await person.try(theirs.challengeId, mine.code)).toBe('wrong');
    const refusing = { ...elsewhere, namespace: 'phone-auth' as const, accepts: () => false };
    expect(await engine.verify(refusing)).toEqual({ verdict: 'wrong' });
    expect(await person.try(mine.challengeId, mine.code)).toBe('right');
  });

  test.each(['', 'x', 'AAAAAAAA.AAAA', '__proto__', 'a'.repeat(10_000)])(
    'a challenge id that was never given (%.20s) is wrong and counts for nothing (hostile input)',
    async (challengeId) => {
      expect(await somebody().try(challengeId, '123456')).toBe('wrong');
    },
  );

  test('is in clear nowhere in Redis, nor is the nonce of use without the pepper (O3, canary)', async () => {
    const person = somebody();
    const { code } = await person.code();
    const held = await redis.hgetall(`{${person.lock}}:challenge`);
    expect(Object.keys(held).sort()).toEqual(['mac', 'nonce']);
    expect(JSON.stringify(held)).not.toContain(code);
    const stranger = createCodeMac(randomBytes(32));
    const challenge = { namespace: 'phone-auth', identifier: person.identifier, nonce: held.nonce as string };
    expect(stranger(challenge, code)).not.toBe(held.mac);
    expect(createCodeMac(pepper)(challenge, code)).toBe(held.mac);
  });

  test('that could not be promised is taken back: no cooldown, no quota, no challenge (L0)', async () => {
    const person = somebody();
    const issued = await person.code();
    await engine.takeBack({
      namespace: 'phone-auth',
      identifier: person.identifier,
      merchantId: null,
      device: null,
      purpose: {},
    });
    expect(await person.try(issued.challengeId, issued.code)).toBe('wrong');
    expect(await redis.hget(`{${person.lock}}:quota`, 'codes:anyone')).toBe('0');
    expect(await person.ask()).toMatchObject({ challengeId: expect.any(String) });
  });
});

describe('a request', () => {
  test('whose message could not be written leaves nothing behind: the next may come at once (L0)', async () => {
    const person = somebody();
    let away = true;
    const sent: string[] = [];
    const somebodys = async () => ({ userId: '1', keycloakId: '1' });
    const sendCode = createSendCode({
      codes: engine,
      database: {
        async transaction(work: (sql: never) => Promise<unknown>) {
          const result = await work({ afterCommit: () => undefined } as never);
          if (away) throw new Error('the commit failed');
          return result;
        },
      } as never,
      async promiseCode(_sql, { to }) {
        sent.push(to);
        return null;
      },
    });
    const requestCode = createRequestCode({
      recipients: { 'phone-auth': somebodys, 'verify-email': somebodys, 'forgot-password': somebodys },
      sendCode,
    });
    const request = {
      namespace: 'phone-auth' as const,
      target: {
        identifier: { scheme: 'phone' as const, value: person.identifier },
        ...{ served: true, country: 'VN' },
      },
      client: { id: 'nx-api', merchantId: null },
      language: 'vi' as const,
      visitor: { address: '127.0.0.1', agent: '' },
      device: null,
    };
    await expect(requestCode(request)).rejects.toThrow('the commit failed');
    away = false;
    expect(await requestCode(request)).toMatchObject({ resendIn: 60 });
    expect(await redis.hget(`{${person.lock}}:quota`, 'codes:anyone')).toBe('1');
    expect(sent).toEqual([person.identifier, person.identifier]);
  });
});

describe('wrong codes', () => {
  test('the fifth sets the lock for fifteen minutes, and the right code is then refused (O3)', async () => {
    const person = somebody();
    const issued = await person.code();
    expect(await person.guess(issued, 6)).toEqual([...Array(5).fill('wrong'), 'locked']);
    expect(await person.try(issued.challengeId, issued.code)).toBe('locked');
    expect(await person.ask()).toEqual({ refused: 'locked', retryIn: 900 });
    expect(await redis.pttl(person.lock)).toBeGreaterThan(890_000);
  });

  test('a thousand at once cost five comparisons (O3)', async () => {
    const person = somebody();
    const { challengeId, code } = await person.code();
    const verdicts = await Promise.all(
      Array.from({ length: 1000 }, () => person.try(challengeId, wrongOf(code))),
    );
    expect(verdicts.filter((verdict) => verdict === 'wrong')).toHaveLength(5);
    expect(verdicts.filter((verdict) => verdict === 'locked')).toHaveLength(995);
    expect(await redis.hget(`{${person.lock}}:quota`, 'guesses')).toBe('5');
  });

  test('are counted over all codes of the identifier: asking again does not help (contract §4)', async () => {
    const person = somebody();
    await person.guess(await person.code(), 3);
    expect(await person.guess(await person.code(), 3)).toEqual(['wrong', 'wrong', 'locked']);
  });

  test('are forgotten at a success (contract §4)', async () => {
    const person = somebody();
    await person.guess(await person.code(), 4);
    const right = await person.code();
    expect(await person.try(right.challengeId, right.code)).toBe('right');
    expect(await person.guess(await person.code(), 4)).toEqual(Array(4).fill('wrong'));
  });

  test('end after fifty a day, whoever lifts the lock in between (contract §4)', async () => {
    const person = somebody();
    for (let round = 0; round < 10; round++) {
      await person.guess(await person.code(), 5);
      await redis.del(person.lock);
    }
    await redis.hdel(`{${person.lock}}:quota`, 'codes:anyone');
    const issued = await person.code();
    expect(await person.try(issued.challengeId, issued.code)).toBe('quota_exceeded');
  });
});

describe('the lock', () => {
  test('is one key; deleting it lifts it wholly (O4)', async () => {
    const person = somebody();
    const issued = await person.code();
    await person.guess(issued, 5);
    expect(await redis.exists(person.lock)).toBe(1);
    await redis.del(person.lock);
    expect(await person.ask()).toMatchObject({ challengeId: expect.any(String) });
    expect(await person.guess(await person.code(), 4)).toEqual(Array(4).fill('wrong'));
  });

  test('set by strangers leaves a known device free, and theirs by themselves (contract §4)', async () => {
    const person = somebody();
    const device = somebody('phone-auth', 'd1');
    const request = {
      namespace: 'phone-auth' as const,
      identifier: person.identifier,
      merchantId: null,
      purpose: {},
    };
    await person.guess(await person.code(), 5);
    const own = await engine.issue({ ...request, device: 'd1' });
    if ('refused' in own) throw new Error(own.refused);
    expect(await device.try(own.challengeId, own.code)).toBe('right');
    const again = await engine.issue({ ...request, device: 'd1' });
    if ('refused' in again) throw new Error(again.refused);
    for (let n = 0; n < 5; n++) await device.try(again.challengeId, wrongOf(again.code));
    expect(await device.try(again.challengeId, again.code)).toBe('locked');
    await redis.del(person.lock);
    expect(await device.try(again.challengeId, again.code)).toBe('right');
  });
});

describe('asking', () => {
  test('again within a minute is refused, and a success clears that (O3)', async () => {
    const person = somebody();
    const issued = await person.code();
    expect(await person.ask()).toEqual({ refused: 'cooldown', retryIn: 60 });
    await person.try(issued.challengeId, issued.code);
    expect(await person.ask()).toMatchObject({ challengeId: expect.any(String) });
  });

  test('gives ten codes a day, of which fifty at once make one (O3)', async () => {
    const person = somebody();
    const asked = await Promise.all(Array.from({ length: 50 }, () => person.ask()));
    expect(asked.filter((one) => 'code' in one)).toHaveLength(1);
    for (let n = 1; n < 10; n++) await person.code();
    await redis.del(`{${person.lock}}:cooldown`);
    expect(await person.ask()).toMatchObject({ refused: 'quota_exceeded' });
    expect(await redis.pttl(`{${person.lock}}:quota`)).toBeGreaterThan(86_000_000);
  });

  test('an identifier with braces is refused before a key is made of it (contract §4)', async () => {
    const request = {
      namespace: 'verify-email' as const,
      identifier: '{a}@b.c',
      merchantId: null,
      device: null,
      purpose: {},
    };
    await expect(engine.issue(request)).rejects.toThrow(RangeError);
  });

  test('without Redis everything is refused with 503 at once (D8)', async () => {
    const away = createRedis({ urls: ['redis://127.0.0.1:1'], cluster: false, logger });
    const request = {
      namespace: 'phone-auth' as const,
      identifier: '+84900000000',
      merchantId: null,
      device: null,
      purpose: {},
    };
    await expect(replica(away).issue(request)).rejects.toMatchObject({
      kind: { code: 'otp.unavailable', status: 503 },
    });
    away.disconnect();
  });
});
