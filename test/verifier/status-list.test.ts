import { deflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { StatusListOptions, Verifier, VerifierOptions } from '../../verifier/src/index.js';
import { readStatusBits } from '../../verifier/src/status/status-bits.js';
import { type Issuer, issuerKey, startIssuer, type Trouble } from '../stand-ins/issuer.js';
import { until } from '../support/until.js';
import { outcome, verifierOf } from '../support/verifier.js';

let issuer: Issuer;
let verifier: Verifier;
const start = async (list: Partial<StatusListOptions> = {}, extra: Partial<VerifierOptions> = {}) => {
  verifier = await verifierOf(issuer, {
    timeoutMs: 300,
    statusList: { base: issuer.lists, ...list },
    ...extra,
  });
};
const at = (idx: number, uri = `${issuer.lists}/0`) => ({
  jti: `at-${idx}`,
  status: { status_list: { idx, uri } },
});
beforeEach(async () => {
  issuer = await startIssuer();
});
afterEach(async () => {
  verifier?.close();
  await issuer.close();
});

describe('a revoked session', () => {
  test('is refused at the next look at the list, within the bound, and its neighbours go on (T10)', async () => {
    await start({ maxStalenessS: 60 });
    const [seventh, eighth] = [await issuer.token(at(7)), await issuer.token(at(8))];
    expect([await outcome(verifier, seventh), await outcome(verifier, eighth)]).toEqual([
      'accepted',
      'accepted',
    ]);
    issuer.revoked.add(7);
    issuer.now += 61;
    expect([await outcome(verifier, seventh), await outcome(verifier, eighth)]).toEqual([
      'InvalidToken revoked',
      'accepted',
    ]);
    expect(issuer.asked('/lists/0')).toBe(2);
  });

  test('is refused by every spelling of its token (faults)', async () => {
    issuer.revoked.add(7);
    await start();
    for (const jti of ['a', 'b'])
      expect(await outcome(verifier, await issuer.token({ ...at(7), jti }))).toBe('InvalidToken revoked');
  });

  test('stays so when an older list comes back, from a cache or a replica that lags (T10)', async () => {
    issuer.revoked.add(7);
    await start();
    const token = await issuer.token(at(7));
    expect(await outcome(verifier, token)).toBe('InvalidToken revoked');
    issuer.revoked.clear();
    issuer.listClaims = { iat: issuer.now - 100 };
    await verifier.refresh();
    expect(await outcome(verifier, token)).toBe('InvalidToken revoked');
    issuer.listClaims = {};
    await verifier.refresh();
    expect(await outcome(verifier, token)).toBe('accepted');
  });

  test('a list that will soon be too old is asked for meanwhile, and nobody waits for it (T10)', async () => {
    await start({ maxStalenessS: 60 });
    const token = await issuer.token(at(7));
    await outcome(verifier, token);
    issuer.revoked.add(7);
    issuer.now += 31;
    expect(await outcome(verifier, token)).toBe('accepted');
    await until('it was not seen', async () => issuer.asked('/lists/0') === 2);
    await until('it is not refused', async () => (await outcome(verifier, token)) === 'InvalidToken revoked');
  });

  test('the list says by ttl that it wants to be asked for sooner (draft-ietf-oauth-status-list §5.1)', async () => {
    issuer.listClaims = { ttl: 10 };
    await start({ maxStalenessS: 600 });
    const token = await issuer.token(at(7));
    await outcome(verifier, token);
    issuer.now += 11;
    await outcome(verifier, token);
    await until('it was not seen', async () => issuer.asked('/lists/0') === 2);
  });
});

describe('a revoked key', () => {
  test('is refused as soon as a list names it, whatever /jw-certs said when it was last asked (T12)', async () => {
    await start();
    const token = await issuer.token(at(7));
    expect(await outcome(verifier, token)).toBe('accepted');
    issuer.listClaims = { revoked_kids: ['first'] };
    await verifier.refresh();
    expect(verifier.kids()).toEqual(['first']);
    expect(await outcome(verifier, token)).toBe('InvalidToken revoked_key');
    issuer.listClaims = {};
    await verifier.refresh();
    expect(await outcome(verifier, token)).toBe('InvalidToken revoked_key');
  });

  test('opens nothing for the very token by which the list is first looked at (T12)', async () => {
    issuer.listClaims = { revoked_kids: ['first'] };
    await start();
    expect(await outcome(verifier, await issuer.token(at(7)))).toBe('InvalidToken revoked_key');
  });
});

describe('a status that nobody can tell', () => {
  const TROUBLES: Trouble[] = ['hang', 'hang-up', 'html', 'huge', 'redirect', 'error'];

  test.each([...TROUBLES])(
    'sisters go on, and who was known as revoked stays out: %s (T10)',
    async (trouble) => {
      issuer.revoked.add(7);
      await start();
      const [good, bad] = [await issuer.token(at(8)), await issuer.token(at(7))];
      await outcome(verifier, good);
      issuer.trouble = trouble;
      issuer.now += 600;
      expect([await outcome(verifier, good), await outcome(verifier, bad)]).toEqual([
        'accepted',
        'InvalidToken revoked',
      ]);
    },
  );

  test('a list that was never had lets sisters go on too, and is asked for once per cooldown (T10)', async () => {
    await start();
    issuer.trouble = 'error';
    const token = await issuer.token(at(7));
    for (let index = 0; index < 20; index += 1) expect(await outcome(verifier, token)).toBe('accepted');
    expect(issuer.asked('/lists/0')).toBe(1);
  });

  test('refuse answers 503 beyond the bound, and takes the token again when the issuer is back (T10)', async () => {
    await start({ onStale: 'refuse', maxStalenessS: 60 });
    const token = await issuer.token(at(7));
    expect(await outcome(verifier, token)).toBe('accepted');
    issuer.trouble = 'error';
    issuer.now += 59;
    expect(await outcome(verifier, token)).toBe('accepted');
    issuer.now += 6;
    await expect(verifier.verify(token)).rejects.toMatchObject({
      name: 'IssuerUnavailable',
      missing: 'status',
      status: 503,
    });
    issuer.trouble = 'none';
    issuer.now += 6;
    expect(await outcome(verifier, token)).toBe('accepted');
  });

  test.each([
    ['past its end', { exp: -1 }, {}],
    ['of another address', { sub: 'http://elsewhere/0' }, {}],
    ['without a list', { status_list: undefined }, {}],
    ['with a list of three bits', { status_list: { bits: 3, lst: 'eJwDAAAAAAE' } }, {}],
    ['with a list that is no ZLIB stream', { status_list: { bits: 1, lst: 'AAAA' } }, {}],
    [
      'with a bomb',
      { status_list: { bits: 1, lst: deflateSync(Buffer.alloc(64 << 20)).toString('base64url') } },
      {},
    ],
    ['of another typ', {}, { typ: 'at+jwt' }],
    ['by a key that nobody knows', {}, { kid: 'unknown' }],
  ])('a list %s is not relied upon (draft-ietf-oauth-status-list §8.3)', async (_what, claims, header) => {
    const exp = 'exp' in claims ? { exp: issuer.now - 1 } : {};
    issuer.listClaims = { ...claims, ...exp };
    issuer.listHeader = header;
    await start({ onStale: 'refuse' });
    expect(await outcome(verifier, await issuer.token(at(7)))).toBe('IssuerUnavailable status');
  });

  test('a list signed by the key of access tokens is none: each kind has its key (D1)', async () => {
    await start({ onStale: 'refuse' });
    issuer.listKey = issuer.keys[0] as never;
    await verifier.refresh();
    issuer.listKey = { ...issuerKey('first') };
    expect(await outcome(verifier, await issuer.token(at(7)))).toBe('IssuerUnavailable status');
  });
});

describe('where a token says its status is', () => {
  test('leads nowhere but to the configured place (faults)', async () => {
    await start();
    const before = issuer.requests.length;
    for (const uri of [
      'http://169.254.169.254/latest',
      `${issuer.url}/jw-certs`,
      `${issuer.lists}`,
      `${issuer.lists}/`,
      `${issuer.lists}/keys`,
      `${issuer.lists}/../jw-certs`,
      `${issuer.lists}/0?x=1`,
      `${issuer.lists}/0/1`,
      `${issuer.lists}@elsewhere/0`,
    ])
      expect([uri, await outcome(verifier, await issuer.token(at(7, uri)))]).toEqual([
        uri,
        'InvalidToken status',
      ]);
    expect(issuer.requests.length).toBe(before);
  });

  test.each([
    ['none', undefined],
    ['null', null],
    ['text', 'x'],
    ['no index', { status_list: { uri: 'http://x/0' } }],
  ])('a token with a status that is %s is refused (T10)', async (_what, status) => {
    await start();
    expect(await outcome(verifier, await issuer.token({ status }))).toBe('InvalidToken status');
  });

  test('a token without a status is taken where that is said to be well (T10)', async () => {
    await start({ required: false });
    expect(await outcome(verifier, await issuer.token())).toBe('accepted');
    expect(await outcome(verifier, await issuer.token({ status: null }))).toBe('InvalidToken status');
  });

  test('the first index, the last, one beyond, a negative and a half one are told apart (faults)', async () => {
    issuer.revoked.add(0).add(999);
    await start();
    const outcomes = [0, 1, 998, 999, 1000, -1, 0.5].map(async (idx) =>
      outcome(verifier, await issuer.token(at(idx))),
    );
    expect(await Promise.all(outcomes)).toEqual([
      'InvalidToken revoked',
      'accepted',
      'accepted',
      'InvalidToken revoked',
      'InvalidToken status',
      'InvalidToken status',
      'InvalidToken status',
    ]);
  });

  test('the place may be reached by another address than tokens name (T10)', async () => {
    const publicBase = 'https://id.example.com/token-status-lists';
    issuer.revoked.add(7);
    issuer.listClaims = { sub: `${publicBase}/0` };
    await start({ base: `${publicBase}/`, fetchBase: `${issuer.lists}/` });
    expect(await outcome(verifier, await issuer.token(at(7, `${publicBase}/0`)))).toBe(
      'InvalidToken revoked',
    );
  });
});

test('the examples of the draft are read as it says (draft-ietf-oauth-status-list §4.1)', () => {
  const one = readStatusBits({ bits: 1, lst: 'eNrbuRgAAhcBXQ' });
  expect(Array.from({ length: 17 }, (_, index) => one(index))).toEqual([
    1,
    0,
    0,
    1,
    1,
    1,
    0,
    1,
    1,
    1,
    0,
    0,
    0,
    1,
    0,
    1,
    undefined,
  ]);
  const two = readStatusBits({ bits: 2, lst: 'eNo76fITAAPfAgc' });
  expect(Array.from({ length: 13 }, (_, index) => two(index))).toEqual([
    1,
    2,
    0,
    3,
    0,
    1,
    0,
    1,
    1,
    2,
    3,
    3,
    undefined,
  ]);
});
