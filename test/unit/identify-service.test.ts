import { beforeEach, describe, expect, test } from '@jest/globals';
import { createIdentifyService } from '../../src/services/identify-service.js';
import { createProvenServices } from '../../src/services/proven-services.js';
import type { StoredService } from '../../src/services/service-store.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { basic, malformed } from '../support/services.js';

const TTL_MS = 10_000;
const DECOY = 'hash of nobody';
const grants = [{ call: 'whoami', merchantId: null }];

let stored: StoredService | undefined;
let compared: string[];
let asked: string[];
let used: string[];
let now: number;
/** How long a hash takes. */
let hashMs: number;
let identity: ReturnType<typeof createIdentifyService>;

const credential = (id: string, expiresInMs: number | null = null) => ({
  id,
  hash: `hash of ${id}`,
  expiresInMs,
  status: null,
});

beforeEach(() => {
  stored = { id: '1', name: 'sale', grants, credentials: [credential('old'), credential('new')] };
  [compared, asked, used, now, hashMs] = [[], [], [], 5000, 0];
  identity = createIdentifyService({
    store: {
      find: async (name) => {
        asked.push(name);
        return name === 'sale' ? stored : undefined;
      },
      noteUse: async (id) => void used.push(id),
    },
    hasher: {
      verify: async (hash, secret) => {
        compared.push(hash);
        now += hashMs;
        return hash === `hash of ${secret}`;
      },
    },
    decoyHash: DECOY,
    proven: createProvenServices({ ttlMs: TTL_MS, atMost: 3, monotonicNow: () => now }),
    isAllowed: (address) => address === '127.0.0.1',
    logger: createLogger({ level: 'silent' }),
  });
});

const attempt = (authorization: string | undefined, extra: object = {}) => ({
  authorization,
  address: '127.0.0.1',
  forwarded: false,
  ...extra,
});
const present = (secret: string, name = 'sale') =>
  identity.identify(attempt(basic(name, secret).authorization));

describe('a refusal', () => {
  const right = basic('sale', 'new').authorization;
  const reasons: [string, ReturnType<typeof attempt>][] = [
    ...malformed('sale', 'new').map(
      ([what, authorization]) => [what, attempt(authorization)] as [string, ReturnType<typeof attempt>],
    ),
    ['another address', attempt(right, { address: '10.0.0.1' })],
    ['no address any more', attempt(right, { address: '' })],
    ['a forwarded header', attempt(right, { forwarded: true })],
  ];

  test.each(reasons)(
    'for %s costs one look-up and two hashes, as any other (P5, equal time)',
    async (_what, given) => {
      for (const credentials of [[], [credential('old')], [credential('old'), credential('new')]]) {
        [compared, asked] = [[], []];
        if (stored) stored.credentials = credentials;
        expect(await identity.identify(given)).toBeUndefined();
        expect([asked.length, compared.length]).toEqual([1, 2]);
      }
    },
  );

  test('stays a refusal while the same secret is known from an allowed address (P7)', async () => {
    expect(await present('new')).toMatchObject({ name: 'sale' });
    compared = [];
    expect(await identity.identify(attempt(right, { forwarded: true }))).toBeUndefined();
    expect(await identity.identify(attempt(right, { address: '10.0.0.1' }))).toBeUndefined();
    expect(compared).toHaveLength(4);
  });

  test('is not remembered: a secret that becomes right is taken at once', async () => {
    expect(await present('next')).toBeUndefined();
    stored?.credentials.splice(0, 1, credential('next'));
    expect(await present('next')).toBeDefined();
  });

  test("the decoy's own secret opens nothing", async () => {
    if (stored) stored.credentials = [];
    expect(await present('nobody')).toBeUndefined();
    expect(compared).toEqual([DECOY, DECOY]);
  });
});

describe('a right secret', () => {
  test('is known for ten seconds without a hash, then checked again (P5)', async () => {
    await present('new');
    [compared, asked] = [[], []];
    now += TTL_MS - 1;
    expect(await present('new')).toEqual({ id: '1', name: 'sale', grants, status: null });
    expect([compared, asked]).toEqual([[], []]);
    now += 1;
    await present('new');
    expect(asked).toEqual(['sale']);
  });

  test('that was revoked is refused within that bound, measured from when the store was asked (P5)', async () => {
    hashMs = 30;
    const askedAt = now;
    await present('new');
    if (stored) stored.credentials = [credential('old')];
    now = askedAt + TTL_MS;
    expect(await present('new')).toBeUndefined();
    expect(await present('old')).toBeDefined();
  });

  test('is not known past its own end', async () => {
    if (stored) stored.credentials = [credential('new', 2000)];
    await present('new');
    if (stored) stored.credentials = [];
    now += 2000;
    expect(await present('new')).toBeUndefined();
  });

  test('and its successor are both right at once (rotation, P5)', async () => {
    expect(await present('old')).toBeDefined();
    expect(await present('new')).toBeDefined();
    expect(used).toEqual(['old', 'new']);
  });

  test('that many calls bring at once is checked once', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => present('new')));
    expect(answers.every((answer) => answer?.name === 'sale')).toBe(true);
    expect(asked).toHaveLength(1);
  });
});

test('what is known is bounded, and the oldest goes first', () => {
  const proven = createProvenServices({ ttlMs: TTL_MS, atMost: 3, monotonicNow: () => now });
  const keys = ['a', 'b', 'c', 'd'].map((name) => proven.keyOf({ name, secret: 's' }));
  for (const key of keys) proven.keep(key, { id: '1', name: 'x', grants, status: null }, now, TTL_MS);
  expect(keys.map((key) => proven.get(key) !== undefined)).toEqual([false, true, true, true]);
});

test('what is kept under is no function of the secret that another process could repeat', () => {
  const key = () =>
    createProvenServices({ ttlMs: 1, atMost: 1, monotonicNow: () => 0 }).keyOf({ name: 'a', secret: 'b' });
  expect(key()).not.toBe(key());
});
