import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { createAccessTokenMinter, type PlatformSubject } from '../../src/tokens/access-token.js';
import { createSigner } from '../../src/tokens/signer.js';

const NOW = Date.UTC(2026, 0, 1);
const subject: PlatformSubject = {
  userId: '1',
  sessionId: '2',
  clientId: 'nx-api',
  roles: [{ id: '3', identifier: '010_user', priority: 10 }],
  organizers: [],
  merchants: [],
  policyVersion: 7,
  amr: ['pwd'],
  acr: null,
  authTime: NOW / 1000,
};

async function minter(rolesClaim: 'objects' | 'identifiers' = 'objects') {
  const signer = await createSigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  const settings = { issuer: 'http://i', audience: 'nx', typ: 'at+jwt', rolesClaim, ttlS: 900 };
  return createAccessTokenMinter({
    currentSigner: () => signer,
    settings,
    now: () => NOW,
    newJti: () => 'jti',
  });
}

test('lists are cut at fifty, and the token says so (contract §1)', async () => {
  const merchants = Array.from({ length: 51 }, (_, index) => String(index));
  const { token } = await (await minter())({ ...subject, merchants });
  const claims = decodeJwt(token);
  expect(claims.merchants).toHaveLength(50);
  expect(claims.truncated).toBe(true);
  expect(
    decodeJwt((await (await minter())({ ...subject, merchants: merchants.slice(0, 50) })).token).truncated,
  ).toBeUndefined();
});

test('a token never exceeds 4 KiB, however much a person is (contract §1)', async () => {
  const ids = Array.from({ length: 51 }, (_, index) => `29000000000000000${index}`);
  const roles = ids.map((id) => ({ id, identifier: `500_${'r'.repeat(60)}`, priority: 500 }));
  const { token } = await (await minter())({ ...subject, roles, organizers: ids, merchants: ids });
  expect(token.length).toBeLessThanOrEqual(4096);
  expect(decodeJwt(token)).toMatchObject({ truncated: true, userId: '1' });
});

test('roles become plain identifiers by setting (contract §1)', async () => {
  expect(decodeJwt((await (await minter('identifiers'))(subject)).token).roles).toEqual(['010_user']);
});

test('a token never outlives its session (S8)', async () => {
  const { token, expiresIn } = await (await minter())(subject, NOW / 1000 + 100);
  expect(expiresIn).toBe(100);
  expect(decodeJwt(token).exp).toBe(NOW / 1000 + 100);
});
