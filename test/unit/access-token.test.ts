import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type AccessSubject, createAccessTokenMinter } from '../../src/tokens/access-token.js';
import { createSigner } from '../../src/tokens/signer.js';

const NOW = Date.UTC(2026, 0, 1);
const subject: AccessSubject = {
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
  status: { list: 3, idx: 4711 },
};

async function minter(rolesClaim: 'objects' | 'identifiers' = 'objects') {
  const signer = await createSigner(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  const settings = { issuer: 'http://i', audience: 'nx', typ: 'at+jwt', rolesClaim, ttlS: 900 };
  const statusListUri = (list: number) => `http://i/lists/${list}`;
  return createAccessTokenMinter({
    currentSigner: () => signer,
    settings,
    statusListUri,
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

test('a token says where to see whether it is over, and one from before there were lists says nothing (contract §1)', async () => {
  const mint = await minter();
  const claims = async (status: AccessSubject['status']) =>
    decodeJwt((await mint({ ...subject, status })).token);
  expect((await claims({ list: 3, idx: 4711 })).status).toEqual({
    status_list: { idx: 4711, uri: 'http://i/lists/3' },
  });
  expect((await claims(null)).status).toBeUndefined();
});

test('a branch token says where it is good, and of its branches at most fifty (T9)', async () => {
  const branchIds = Array.from({ length: 51 }, (_, index) => `29000000000000000${index}`);
  const place = { workspaceId: '5', tenantId: '6', memberId: '7', activeBranchId: '8', branchIds };
  const mint = await minter();
  const claims = decodeJwt((await mint({ ...subject, organizers: ['5'], merchants: ['8'], place })).token);
  expect(claims).toMatchObject({
    token_type: 'workspace',
    token_scope: 'BRANCH',
    workspace_id: '5',
    tenant_id: '6',
    member_id: '7',
    active_branch_id: '8',
    branch_ids: branchIds.slice(0, 50),
    truncated: true,
  });
  const few = { ...place, branchIds: branchIds.slice(0, 50) };
  expect(decodeJwt((await mint({ ...subject, place: few })).token)).not.toHaveProperty('truncated');
});
