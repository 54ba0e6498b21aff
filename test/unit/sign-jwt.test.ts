import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { compactVerify, decodeProtectedHeader, SignJWT } from 'jose';
import { signJwt } from '../../src/tokens/sign-jwt.js';
import { createSigner } from '../../src/tokens/signer.js';

const claims = { sub: 'a', name: 'Nguyễn Văn Ă', nested: { list: [1, 2] } };

test('an ES256 token of ours is what jose makes: same signing input, and jose verifies it (D11)', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = await createSigner(privateKey);
  const ours = await signJwt(signer, 'at+jwt', claims);
  const theirs = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'ES256', kid: signer.kid, typ: 'at+jwt' })
    .sign(privateKey);
  expect(ours.split('.').slice(0, 2)).toEqual(theirs.split('.').slice(0, 2));
  const { payload } = await compactVerify(ours, signer.publicKey);
  expect(JSON.parse(Buffer.from(payload).toString())).toEqual(claims);
  expect(Buffer.from(ours.split('.')[2] ?? '', 'base64url')).toHaveLength(64);
});

test('an Ed25519 token is the same byte for byte each time, and the one jose makes (S10)', async () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const signer = await createSigner(privateKey);
  const ours = await signJwt(signer, 'rt+jwt', claims);
  expect(await signJwt(signer, 'rt+jwt', claims)).toBe(ours);
  const header = decodeProtectedHeader(ours);
  expect(await new SignJWT(claims).setProtectedHeader({ ...header, alg: 'EdDSA' }).sign(privateKey)).toBe(
    ours,
  );
});
