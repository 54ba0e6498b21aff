import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { signJwt } from '../../src/tokens/sign-jwt.js';
import { createSigner } from '../../src/tokens/signer.js';
import { createAccessTokenVerifier } from '../../src/tokens/verify-access-token.js';

const NOW = Date.UTC(2026, 5, 1);
const second = NOW / 1000;
const ours = await createSigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const ed25519 = await createSigner(generateKeyPairSync('ed25519').privateKey);
const rsa = await createSigner(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
const stranger = await createSigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);

// A key of another kind among the published ones, as after a mistake in composing them.
const verify = createAccessTokenVerifier({
  findKey: (kid) => [ours, ed25519, rsa].find((key) => key.kid === kid),
  kinds: ['platform'],
  issuer: 'http://i',
  audience: 'nx',
  typ: 'at+jwt',
  now: () => NOW,
});
const claims = {
  iss: 'http://i',
  aud: 'nx',
  iat: second,
  nbf: second - 5,
  exp: second + 900,
  jti: 'a',
  sub: '1',
  userId: '1',
  session_id: '2',
  token_type: 'platform',
};
const refusal = (token: string) =>
  verify(token).then(
    () => 'accepted',
    (error) => error.kind?.code ?? String(error),
  );

test('a token of ours is taken (T2)', async () => {
  expect(await verify(await signJwt(ours, 'at+jwt', claims))).toEqual({ kind: 'platform', claims });
});

test.each([
  ['for another audience', { aud: 'somebody-else' }],
  ['by another issuer', { iss: 'http://j' }],
  ['without an end', { exp: undefined }],
  ['past its end', { exp: second - 6 }],
  ['not valid yet', { nbf: second + 6 }],
  ['without a session', { session_id: undefined }],
  ['of another kind', { token_type: 'refresh' }],
  ['of the account kind', { token_type: 'account' }],
  ['for two people', { userId: '2' }],
])('a token %s is refused, our own signature or not (T2)', async (_what, bent) => {
  expect(await refusal(await signJwt(ours, 'at+jwt', { ...claims, ...bent }))).toBe('token.invalid');
});

test('a token of another typ is refused, our own signature or not (T2)', async () => {
  for (const typ of ['JWT', 'rt+jwt', 'logout+jwt'])
    expect(await refusal(await signJwt(ours, typ, claims))).toBe('token.invalid');
});

test('a token of ours by RS256 is taken as well (T6)', async () => {
  expect(await verify(await signJwt(rsa, 'at+jwt', claims))).toEqual({ kind: 'platform', claims });
});

test('a token by another algorithm is refused, whatever key of ours signed it (T2)', async () => {
  expect(await refusal(await signJwt(ed25519, 'at+jwt', claims))).toBe('token.invalid');
  for (const [key, alg] of [
    [ours, 'RS256'],
    [rsa, 'ES256'],
  ] as const)
    expect(await refusal(await signJwt({ ...key, alg }, 'at+jwt', claims))).toBe('token.invalid');
});

test('a kid that is not published finds no key, also when one of ours signed (T2)', async () => {
  for (const kid of ['unknown', '', undefined as unknown as string])
    expect(await refusal(await signJwt({ ...ours, kid }, 'at+jwt', claims))).toBe('token.invalid');
  expect(await refusal(await signJwt(stranger, 'at+jwt', claims))).toBe('token.invalid');
});
