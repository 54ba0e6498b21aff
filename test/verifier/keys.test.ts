import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createVerifier, type Verifier, type VerifierOptions } from '../../verifier/src/index.js';
import {
  type Issuer,
  type IssuerKey,
  issuerKey,
  publicJwk,
  startIssuer,
  type Trouble,
} from '../stand-ins/issuer.js';
import { until } from '../support/until.js';
import { outcome, verifierOf } from '../support/verifier.js';

let issuer: Issuer;
let verifier: Verifier;
const start = async (extra: Partial<VerifierOptions> = {}) => {
  verifier = await verifierOf(issuer, { timeoutMs: 300, ...extra });
};
beforeEach(async () => {
  issuer = await startIssuer();
});
afterEach(async () => {
  verifier.close();
  await issuer.close();
});

const TROUBLES: Trouble[] = ['hang', 'hang-up', 'html', 'huge', 'redirect', 'error', 'empty'];

describe('a key that was not there before', () => {
  test('is asked for at once, and the token that it signed is taken (T10)', async () => {
    await start();
    issuer.keys.unshift(issuerKey('second'));
    expect(await outcome(verifier, await issuer.token())).toBe('accepted');
    expect([issuer.asked('/jw-certs'), verifier.kids()]).toEqual([2, ['second', 'first']]);
  });

  test('10,000 unknown kids are one question per cooldown (T10, faults)', async () => {
    await start({ cooldownS: 30 });
    const key = issuerKey('nobody');
    const unknown = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        issuer.token({}, { key, header: { kid: `unknown-${index}` } }),
      ),
    );
    for (let round = 0; round < 100; round += 1) {
      const outcomes = await Promise.all(unknown.map((token) => outcome(verifier, token)));
      expect(new Set(outcomes)).toEqual(new Set(['InvalidToken unknown_key']));
    }
    expect(issuer.asked('/jw-certs')).toBe(2);
    issuer.now += 30;
    await Promise.all(unknown.map((token) => outcome(verifier, token)));
    expect(issuer.asked('/jw-certs')).toBe(3);
  });

  test('is asked for also after the clock was set back (T10)', async () => {
    await start({ cooldownS: 30 });
    await outcome(verifier, await issuer.token({}, { header: { kid: 'unknown' } }));
    issuer.now -= 3600;
    issuer.keys.unshift(issuerKey('second'));
    expect(await outcome(verifier, await issuer.token())).toBe('accepted');
  });
});

describe('while the issuer is away', () => {
  test.each([...TROUBLES])('the last good set serves without end: %s (T10)', async (trouble) => {
    await start();
    issuer.trouble = trouble;
    for (let day = 0; day < 3; day += 1) {
      issuer.now += 86_400;
      expect(await verifier.refresh()).toBe(false);
      expect(await outcome(verifier, await issuer.token({ jti: `day-${day}` }))).toBe('accepted');
    }
  });

  test('a sister that starts then answers 503, and goes on by itself when the issuer is back (T10)', async () => {
    issuer.trouble = 'error';
    await start();
    expect(await verifier.ready).toBe(false);
    const token = await issuer.token();
    await expect(verifier.verify(token)).rejects.toMatchObject({
      name: 'IssuerUnavailable',
      status: 503,
      headers: { 'retry-after': '5' },
    });
    issuer.trouble = 'none';
    issuer.now += 1;
    expect(await outcome(verifier, token)).toBe('accepted');
  });

  test('it is asked at most once a second by a sister that has no key yet (T10)', async () => {
    issuer.trouble = 'error';
    await start();
    const token = await issuer.token();
    for (let index = 0; index < 100; index += 1) await outcome(verifier, token);
    expect(issuer.asked('/jw-certs')).toBe(2);
  });
});

describe('a key that the issuer no longer lists', () => {
  test('verifies nothing after the next refresh, tokens that were taken before included (T10, T12)', async () => {
    await start();
    const token = await issuer.token();
    expect(await outcome(verifier, token)).toBe('accepted');
    issuer.keys = [issuerKey('second')];
    expect(await outcome(verifier, token)).toBe('accepted');
    expect(await verifier.refresh()).toBe(true);
    expect(await outcome(verifier, token)).toBe('InvalidToken unknown_key');
  });

  test('is dropped in the background, off the request path (T10)', async () => {
    verifier = createVerifier({
      jwksUri: `${issuer.url}/jw-certs`,
      issuer: issuer.url,
      audience: 'nx',
      refreshS: 0.05,
    });
    await verifier.ready;
    issuer.keys = [issuerKey('second')];
    await until('it was not seen', async () => verifier.kids()[0] === 'second');
  });

  test('verifies nothing either when another key has taken its kid (T12)', async () => {
    await start();
    const token = await issuer.token();
    expect(await outcome(verifier, token)).toBe('accepted');
    issuer.keys = [issuerKey('first')];
    await verifier.refresh();
    expect(await outcome(verifier, token)).toBe('InvalidToken signature');
  });
});

test('a key for encryption, of another curve, or that is weak is passed over; good ones beside it serve (RFC 7517 §5)', async () => {
  const [first] = issuer.keys;
  const jwk = publicJwk(first as IssuerKey);
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' });
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
  issuer.listed = [
    { ...jwk, kid: 'enc', use: 'enc' },
    { ...jwk, kid: 'says-rsa', alg: 'RS256' },
    { ...jwk, kid: 'a\r\nb' },
    { ...jwk, kid: 'off-curve', x: jwk.y },
    { ...p384, kid: 'p384' },
    { ...weak, kid: 'weak' },
    { kty: 'oct', k: 'AAAA', kid: 'secret' },
    null,
    'text',
    jwk,
  ];
  await start({ algorithms: ['ES256', 'RS256'] });
  expect(verifier.kids()).toEqual(['first']);
});
