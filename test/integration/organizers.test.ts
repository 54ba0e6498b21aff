import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { DEMO_PEOPLE, DEMO_SERVICE } from '../../embedded/demo-data.js';
import { newId } from '../support/branches.js';
import { signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import {
  type Administration,
  administration,
  createShop,
  createSignedIn,
  placeMember,
  refusal,
  rowsOf,
  signInAgain,
} from '../support/organizations.js';
import { createRole, policies, writeRow } from '../support/policies.js';
import { startService, type TestService } from '../support/service.js';
import { basic } from '../support/services.js';
import { until } from '../support/until.js';

const [demoAdmin] = DEMO_PEOPLE;
let service: TestService;
let admin: Administration;

beforeAll(async () => {
  service = await startService();
  admin = administration(service, (await signIn(service, demoAdmin)).body.accessToken);
});
afterAll(() => service.stop());

const mayReadCustomers = async (userId: string, domain: string) => {
  const sale = basic(DEMO_SERVICE.name, DEMO_SERVICE.secret);
  const asked = [{ domain, object: 'customer', action: 'read' }];
  const { body } = await policies(service).check(sale, asked, { type: 'User', id: userId });
  return body.results[0].allowed as boolean;
};
const trailOf = (subjectId: string) =>
  sql<{ action: string; actor_type: string; tenant_id: string | null }>(
    'SELECT action, actor_type, tenant_id FROM identity."AuditEvent" WHERE subject_id = $1 ORDER BY id',
    [subjectId],
  );

describe('an organizer', () => {
  test('is made with its owner by an administrator of the platform, and the owner’s next token has it (contract §5b)', async () => {
    const owner = await createSignedIn(service);
    const made = await admin.post('organizers', { name: 'Cà phê Sáng', ownerId: owner.userId });
    expect([made.status, made.body]).toMatchObject([201, { name: 'Cà phê Sáng', status: 'ACTIVE' }]);
    const { id, tenantId } = made.body;
    expect(tenantId).toBe(id);
    const again = await signInAgain(service, owner);
    expect(decodeJwt(again.token)).toMatchObject({
      organizers: [id],
      roles: expect.arrayContaining([expect.objectContaining({ identifier: '500_owner' })]),
    });
    await until('not an owner', async () => (await again.api.get(`organizers/${id}`)).status === 200);
    expect((await again.api.get('organizers')).body).toEqual([made.body]);
    expect(await trailOf(id)).toEqual([
      { action: 'organizer.created', actor_type: 'admin', tenant_id: tenantId },
    ]);
    const merchant = await again.api.post('merchants', { organizerId: id, name: 'Quầy 1' });
    expect([merchant.status, merchant.body]).toMatchObject([201, { organizerId: id, name: 'Quầy 1' }]);
    const branch = decodeJwt((await signInAgain(service, owner)).token);
    expect(branch.merchants).toEqual([merchant.body.id]);
    await until('no customers of theirs', () =>
      mayReadCustomers(owner.userId, `Merchant_${merchant.body.id}`),
    );
    expect((await again.api.patch(`merchants/${merchant.body.id}`, { name: 'Quầy 2' })).body.name).toBe(
      'Quầy 2',
    );
    expect((await again.api.get(`merchants?organizerId=${id}`)).body).toMatchObject([{ name: 'Quầy 2' }]);
  });

  test('is made by nobody else, for nobody unknown (P1)', async () => {
    const { owner } = await createShop(service);
    const stranger = await createSignedIn(service);
    const draft = { name: 'X', ownerId: owner.userId };
    expect(refusal(await owner.api.post('organizers', draft))).toEqual([403, 'request.role_missing']);
    expect(refusal(await stranger.api.post('organizers', draft))).toEqual([403, 'policy.not_administrator']);
    expect(refusal(await stranger.api.get('organizers'))).toEqual([403, 'policy.not_administrator']);
    expect(refusal(await admin.post('organizers', { name: 'X', ownerId: newId() }))).toEqual([
      422,
      'organization.unknown_person',
    ]);
    const link = await admin.post('organizers', { name: 'Win at https://evil.test', ownerId: owner.userId });
    expect(refusal(link)).toEqual([422, 'request.validation_failed']);
  });

  test('that is suspended gives nobody a right inside, in token, check and table alike, until it is active again (P1, P2)', async () => {
    const { owner, organizerId, merchantId, workspace } = await createShop(service);
    const member = await createSignedIn(service);
    const role = await createRole();
    await placeMember(workspace, member.userId, role.identifier, `Merchant_${merchantId}`);
    await writeRow('grant', ['Role', role.id], ['Permission', '1'], { action: 'read' });
    const places = [`Merchant_${merchantId}`, `Organizer_${organizerId}`] as const;
    await until('not allowed', () => mayReadCustomers(member.userId, places[0]));
    const before = [await rowsOf(owner.userId), await rowsOf(member.userId)];
    const suspended = await admin.patch(`organizers/${organizerId}`, { status: 'SUSPENDED' });
    expect([suspended.status, suspended.body.status]).toEqual([200, 'SUSPENDED']);
    expect([await rowsOf(owner.userId), await rowsOf(member.userId)]).toEqual([[], []]);
    await until('still allowed', async () => !(await mayReadCustomers(member.userId, places[0])));
    expect(decodeJwt((await signInAgain(service, owner)).token)).toMatchObject({
      organizers: [],
      merchants: [],
    });
    await until('still an owner', async () => (await owner.api.get('organizers')).status === 403);
    expect(refusal(await admin.post('merchants', { organizerId, name: 'Y' }))).toEqual([
      409,
      'organization.suspended',
    ]);
    await admin.patch(`organizers/${organizerId}`, { status: 'ACTIVE' });
    expect([await rowsOf(owner.userId), await rowsOf(member.userId)]).toEqual(before);
    expect(await sql('SELECT FROM identity."HeldPolicy" WHERE organizer_id = $1', [organizerId])).toEqual([]);
    await until('not allowed again', () => mayReadCustomers(member.userId, places[0]));
  });
});

describe('a merchant', () => {
  test('that is suspended is out of everybody’s reach, its owner’s too; the owner opens it again (P1)', async () => {
    const { owner, merchantId, organizerId } = await createShop(service, 2);
    const place = `Merchant_${merchantId}`;
    await until('not allowed', () => mayReadCustomers(owner.userId, place));
    expect((await owner.api.patch(`merchants/${merchantId}`, { status: 'SUSPENDED' })).status).toBe(200);
    await until('still allowed', async () => !(await mayReadCustomers(owner.userId, place)), 20_000);
    expect(await mayReadCustomers(owner.userId, `Organizer_${organizerId}`)).toBe(true);
    expect(decodeJwt((await signInAgain(service, owner)).token).merchants).not.toContain(merchantId);
    expect((await owner.api.patch(`merchants/${merchantId}`, { status: 'ACTIVE' })).status).toBe(200);
    await until('not allowed again', () => mayReadCustomers(owner.userId, place));
  });
});

test('another tenant’s ids are not there: in path, query, body, and several at once (P9)', async () => {
  const [own, other] = [await createShop(service), await createShop(service)];
  await until('not an owner', async () => (await own.owner.api.get('organizers')).status === 200);
  const { api } = own.owner;
  const invitation = { roleId: '2', identifier: { scheme: 'email', value: 'x@example.test' } };
  const answers = [
    await api.get(`organizers/${other.organizerId}`),
    await api.get(`merchants?organizerId=${other.organizerId}`),
    await api.post('merchants', { organizerId: other.organizerId, name: 'X' }),
    await api.get(`merchants/${other.merchantId}`),
    await api.patch(`merchants/${other.merchantId}`, { name: 'X' }),
    await api.get(`members?organizerId=${other.organizerId}`),
    await api.get(`members?organizerId=${own.organizerId}&merchantId=${other.merchantId}`),
    await api.get(`members/${other.ownerMemberId}`),
    await api.patch(`members/${other.ownerMemberId}`, { status: 'SUSPENDED' }),
    await api.patch(`members/${other.ownerMemberId}`, { merchantId: own.merchantId, roleIds: [] }),
    await api.patch(`members/${own.ownerMemberId}`, { merchantId: other.merchantId, roleIds: ['2'] }),
    await api.remove(`members/${other.ownerMemberId}`),
    await api.get(`invitations?organizerId=${other.organizerId}`),
    await api.post('invitations', { ...invitation, organizerId: other.organizerId }),
    await api.post('invitations', {
      ...invitation,
      organizerId: own.organizerId,
      merchantId: other.merchantId,
    }),
    await api.post('invitations', {
      ...invitation,
      organizerId: other.organizerId,
      merchantId: own.merchantId,
    }),
    await api.get(`organizers/${newId()}`),
  ];
  expect(answers.map(refusal)).toEqual(answers.map(() => [404, 'request.not_found']));
});
