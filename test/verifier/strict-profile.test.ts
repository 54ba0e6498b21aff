import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { UnsecuredJWT } from 'jose';
import type { Verifier } from '../../verifier/src/index.js';
import { type Issuer, issuerKey, startIssuer } from '../stand-ins/issuer.js';
import { outcome, verifierOf } from '../support/verifier.js';

let issuer: Issuer;
let verifier: Verifier;
beforeAll(async () => {
  issuer = await startIssuer();
  verifier = await verifierOf(issuer);
});
afterAll(async () => {
  verifier.close();
  await issuer.close();
});

const refused = (reason: string) => `InvalidToken ${reason}`;

test('a token of the contract is taken, and its claims come back as they were signed (T2, T10)', async () => {
  expect(await verifier.verify(await issuer.token())).toEqual(issuer.claims());
});

test('a branch and a system token are taken, each with its own claims (T8, T9)', async () => {
  expect(await outcome(verifier, await issuer.token({ token_type: 'workspace', jti: 'b' }))).toBe('accepted');
  const system = { token_type: 'system', sub: 'service:sale', userId: undefined, session_id: undefined };
  expect(await outcome(verifier, await issuer.token(system))).toBe('accepted');
});

test.each([
  ['by another issuer', { iss: 'http://elsewhere' }, 'issuer'],
  ['without an issuer', { iss: undefined }, 'issuer'],
  ['for another audience', { aud: 'sale' }, 'audience'],
  ['for other audiences', { aud: ['sale', 'pay'] }, 'audience'],
  ['without an audience', { aud: undefined }, 'audience'],
  ['without an end', { exp: undefined }, 'claims'],
  ['whose end is text', { exp: '9999999999' }, 'claims'],
  ['without a beginning', { iat: undefined }, 'claims'],
  ['without an id', { jti: undefined }, 'claims'],
  ['without a subject', { sub: undefined, userId: undefined }, 'claims'],
  ['without a client', { client_id: undefined }, 'claims'],
  ['of nobody', { userId: undefined }, 'claims'],
  ['for two people', { userId: '1' }, 'claims'],
  ['without a session', { session_id: undefined }, 'claims'],
  ['of the kind refresh', { token_type: 'refresh' }, 'kind'],
  ['of the kind account', { token_type: 'account' }, 'kind'],
  ['of no kind', { token_type: undefined }, 'kind'],
  ['of a service that is a person', { token_type: 'system' }, 'claims'],
])('a token %s is refused, our own signature or not (T2, T8, T9)', async (_what, bent, reason) => {
  expect(await outcome(verifier, await issuer.token(bent))).toBe(refused(reason));
});

test.each([
  ['past its end', { exp: -6 }, 'expired'],
  ['not valid yet', { nbf: 6 }, 'not_yet_valid'],
  ['from the future', { iat: 6 }, 'not_yet_valid'],
  ['older than an hour, whatever its end', { iat: -3606 }, 'too_old'],
])('a token %s is refused (T2)', async (_what, times: Record<string, number>, reason) => {
  const bent = Object.fromEntries(Object.entries(times).map(([name, offset]) => [name, issuer.now + offset]));
  expect(await outcome(verifier, await issuer.token(bent))).toBe(refused(reason));
});

test.each([
  ['typ JWT', { typ: 'JWT' }, 'type'],
  ['typ rt+jwt', { typ: 'rt+jwt' }, 'type'],
  ['typ statuslist+jwt', { typ: 'statuslist+jwt' }, 'type'],
  ['no typ', { typ: undefined }, 'type'],
  ['crit', { crit: ['x-known'], 'x-known': 1 }, 'header'],
  ['jwk', { jwk: { kty: 'EC' } }, 'header'],
  ['jku', { jku: 'http://169.254.169.254/keys' }, 'header'],
  ['x5u', { x5u: 'http://169.254.169.254/keys' }, 'header'],
  ['x5c', { x5c: ['MIIB'] }, 'header'],
  ['no kid', { kid: undefined }, 'unknown_key'],
  ['a kid that is a path', { kid: '../../etc/passwd' }, 'unknown_key'],
  ['a kid of the prototype', { kid: '__proto__' }, 'unknown_key'],
])('a header with %s is refused, our own signature or not (T2)', async (_what, header, reason) => {
  expect(await outcome(verifier, await issuer.token({}, { header }))).toBe(refused(reason));
});

test('application/at+jwt in any case is the same type (RFC 7515 §4.1.9)', async () => {
  expect(await outcome(verifier, await issuer.token({}, { header: { typ: 'application/AT+JWT' } }))).toBe(
    'accepted',
  );
});

test('where the issuer writes the typ JWT, the option says so, and at+jwt is refused there (contract §1)', async () => {
  const kit = await verifierOf(issuer, { typ: 'JWT' });
  expect(await outcome(kit, await issuer.token({}, { header: { typ: 'JWT' } }))).toBe('accepted');
  expect(await outcome(kit, await issuer.token())).toBe(refused('type'));
  kit.close();
});

test('no signature, another algorithm, or a key that is not published opens nothing (T2)', async () => {
  const unsigned = new UnsecuredJWT(issuer.claims()).encode();
  expect(await outcome(verifier, unsigned)).toBe(refused('algorithm'));
  const rsa = { ...issuerKey('first', 'RS256') };
  expect(await outcome(verifier, await issuer.token({}, { key: rsa }))).toBe(refused('algorithm'));
  const forged = { ...issuerKey('first') };
  expect(await outcome(verifier, await issuer.token({}, { key: forged }))).toBe(refused('signature'));
});

test('RS256 is taken where the option names it, by its own key alone (T5)', async () => {
  const both = await startIssuer();
  both.keys = [issuerKey('e'), issuerKey('r', 'RS256')];
  const kit = await verifierOf(both, { algorithms: ['ES256', 'RS256'] });
  const [, rsa] = both.keys;
  try {
    expect(await outcome(kit, await both.token())).toBe('accepted');
    expect(await outcome(kit, await both.token({}, { key: rsa as never }))).toBe('accepted');
    const crossed = await both.token({}, { key: rsa as never, header: { kid: 'e' } });
    expect(await outcome(kit, crossed)).toBe(refused('algorithm'));
  } finally {
    kit.close();
    await both.close();
  }
});

test('what is no token is refused without asking anybody, and its length counts before a byte is parsed (T2)', async () => {
  const before = issuer.requests.length;
  for (const text of ['', '.', '..', 'a.b', 'a.b.c.d', '....', 'null.null.null', 'é.é.é'])
    expect(await outcome(verifier, text)).toBe(refused('malformed'));
  expect(await outcome(verifier, undefined as unknown as string)).toBe(refused('malformed'));
  expect(await outcome(verifier, '.'.repeat(100_000))).toBe(refused('too_long'));
  const long = await issuer.token({ merchants: Array.from({ length: 1000 }, () => '1234567890') });
  expect(await outcome(verifier, long)).toBe(refused('too_long'));
  expect(issuer.requests.length).toBe(before);
});

test('options that would verify nothing or everything are refused at once (T10)', async () => {
  for (const wrong of [
    { issuer: '' },
    { audience: '' },
    { audience: [] },
    { algorithms: [] },
    { algorithms: ['HS256' as never] },
    { tokenKinds: ['account' as never] },
    { typ: 'x' as never },
    { jwksUri: 'file:///etc/passwd' },
    { jwksUri: 'http://user:secret@127.0.0.1/' },
    { maxAgeS: 0 },
    { cacheSize: Number.NaN },
    { statusList: { base: 'nowhere' } },
    { service: { tokenEndpoint: issuer.url, name: 'sale', secret: '' } },
  ])
    await expect(verifierOf(issuer, wrong)).rejects.toThrow(TypeError);
});

test('the claims of one request can be changed by nobody for the next (T10)', async () => {
  const token = await issuer.token({ jti: 'frozen' });
  const claims = (await verifier.verify(token)) as unknown as { roles: { identifier: string }[] };
  expect(() => Object.assign(claims.roles[0] ?? {}, { identifier: '900_admin' })).toThrow(TypeError);
  expect(() => claims.roles.push({ identifier: '900_admin' })).toThrow(TypeError);
  expect(await verifier.verify(token)).toEqual(issuer.claims({ jti: 'frozen' }));
});
