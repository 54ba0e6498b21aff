import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { newId, type TestBranch } from '../support/branches.js';
import { type Answer, BASE, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import {
  type Administration,
  administration,
  createShop,
  createSignedIn,
  placeMember,
  refusal,
  rowsOf,
  type Shop,
  signInAgain,
} from '../support/organizations.js';
import { createPermission, createRole, policies, writeRow } from '../support/policies.js';
import { startService, type TestService } from '../support/service.js';
import { statusAt, statusOf } from '../support/status-lists.js';
import { until } from '../support/until.js';

const [demoAdmin] = DEMO_PEOPLE;
let service: TestService;
let admin: Administration;

beforeAll(async () => {
  service = await startService();
  admin = administration(service, (await signIn(service, demoAdmin)).body.accessToken);
});
afterAll(() => service.stop());

/** A shop of two merchants and a member with a role at the first. */
async function createStaff(at: TestService = service) {
  const shop = await createShop(at, 2);
  const member = await createSignedIn(at);
  const role = await createRole();
  const here = `Merchant_${shop.merchantId}`;
  const memberId = await placeMember(shop.workspace, member.userId, role.identifier, here);
  await until('not an owner', async () => (await shop.owner.api.get('organizers')).status === 200);
  const there = (shop.workspace.branches[1] as TestBranch).id;
  return { ...shop, api: shop.owner.api, member, memberId, role, here, there };
}
const asRows = (place: string, roleId: string) => [
  { variant: 'assign_role', place, target: `Role_${roleId}` },
];
const trailOf = (memberId: string) =>
  sql<{ action: string }>(
    'SELECT action, after FROM identity."AuditEvent" WHERE subject_id = $1 ORDER BY id',
    [memberId],
  );

describe('a member', () => {
  test('is listed with the roles that they hold at each place (contract §5b)', async () => {
    const { api, organizerId, merchantId, memberId, member, role, there } = await createStaff();
    const { body } = await api.get(`members?organizerId=${organizerId}`);
    expect(body).toHaveLength(2);
    const shown = {
      id: memberId,
      userId: member.userId,
      status: 'ACTIVE',
      roles: [{ ...role, merchantId, isHeldBack: false }],
    };
    expect(body).toContainEqual(expect.objectContaining(shown));
    expect((await api.get(`members/${memberId}`)).body).toMatchObject(shown);
    const [first, second] = [
      await api.get(`members?organizerId=${organizerId}&limit=1`),
      await api.get(`members?organizerId=${organizerId}&merchantId=${there}`),
    ];
    expect(first.headers.get('link')).toMatch(/rel="next"/);
    expect(second.body.map(({ userId }: { userId: string }) => userId)).not.toContain(member.userId);
  });

  test('gets other roles at a merchant, by rows of PolicyDefinition, in the next token (P1)', async () => {
    const { api, merchantId, there, memberId, member, role, here } = await createStaff();
    const other = await createRole();
    const moved = await api.patch(`members/${memberId}`, { merchantId, roleIds: [other.id] });
    expect([moved.status, moved.body.roles]).toMatchObject([200, [{ id: other.id, merchantId }]]);
    expect(await rowsOf(member.userId)).toEqual([
      ...asRows(here, other.id),
      { variant: 'join_domain', place: null, target: here },
    ]);
    await api.patch(`members/${memberId}`, { merchantId: there, roleIds: [role.id, other.id] });
    const { merchants, roles } = decodeJwt((await signInAgain(service, member)).token);
    expect(merchants).toEqual([merchantId, there].sort());
    expect(roles).toContainEqual(expect.objectContaining({ identifier: role.identifier }));
    await api.patch(`members/${memberId}`, { merchantId, roleIds: [] });
    expect(decodeJwt((await signInAgain(service, member)).token).merchants).toEqual([there]);
    const trail = await trailOf(memberId);
    expect(trail.map(({ action }) => action)).toEqual(Array(3).fill('member.changed'));
  });

  test('is given nothing that the owner does not hold, and no role above theirs (P1)', async () => {
    const { api, merchantId, memberId, member, here, role } = await createStaff();
    const permission = await createPermission();
    const rich = await createRole();
    await writeRow('grant', ['Role', rich.id], ['Permission', permission.id], { action: 'manage' });
    const higher = await createRole(600);
    for (const roleId of [rich.id, higher.id]) {
      const answer = await api.patch(`members/${memberId}`, { merchantId, roleIds: [roleId] });
      expect(refusal(answer)).toEqual([403, 'policy.more_than_held']);
    }
    const unknown = await api.patch(`members/${memberId}`, { merchantId, roleIds: [newId()] });
    expect(refusal(unknown)).toEqual([422, 'policy.unknown_reference']);
    expect(await rowsOf(member.userId)).toEqual(asRows(here, role.id));
  });

  test('who is suspended has no right inside, in token, check and table alike, and gets theirs back (P1, P2)', async () => {
    const { api, owner, memberId, member, merchantId, here, role } = await createStaff();
    await writeRow('grant', ['User', member.userId], ['Permission', '1'], { action: 'read', domain: here });
    await writeRow('grant', ['User', member.userId], ['Permission', '1'], {
      action: 'delete',
      effect: 'deny',
      domain: here,
    });
    const before = await rowsOf(member.userId);
    const check = async () => {
      const asked = [{ domain: here, object: 'customer', action: 'read' }];
      const headers = { authorization: `Bearer ${member.token}` };
      return (await policies(service).check(headers, asked)).body.results[0].allowed as boolean;
    };
    await until('not allowed', check);
    const suspended = await api.patch(`members/${memberId}`, { status: 'SUSPENDED' });
    expect([suspended.status, suspended.body]).toMatchObject([
      200,
      { status: 'SUSPENDED', roles: [{ id: role.id, merchantId, isHeldBack: true }] },
    ]);
    // What is denied stays denied: it gave nothing.
    expect(await rowsOf(member.userId)).toEqual([{ variant: 'grant', place: here, target: 'Permission_1' }]);
    await until('still allowed', async () => !(await check()));
    expect(decodeJwt((await signInAgain(service, member)).token)).toMatchObject({
      organizers: [],
      merchants: [],
    });
    const given = await policies(service).create(owner.token, {
      variant: 'assign_role',
      subjectType: 'User',
      subjectId: member.userId,
      targetType: 'Role',
      targetId: role.id,
      domain: here,
    });
    expect(refusal(given)).toEqual([422, 'policy.unknown_reference']);
    expect(refusal(await api.patch(`members/${memberId}`, { merchantId, roleIds: [role.id] }))).toEqual([
      409,
      'organization.member_suspended',
    ]);
    expect((await api.patch(`members/${memberId}`, { status: 'ACTIVE' })).status).toBe(200);
    expect(await rowsOf(member.userId)).toEqual(before);
    await until('not allowed again', check);
  });

  test('gets back at a merchant nothing while that is suspended too, and all of it afterwards (P1)', async () => {
    const { api, memberId, member, merchantId, here, role } = await createStaff();
    await api.patch(`members/${memberId}`, { status: 'SUSPENDED' });
    await api.patch(`merchants/${merchantId}`, { status: 'SUSPENDED' });
    await api.patch(`members/${memberId}`, { status: 'ACTIVE' });
    expect(await rowsOf(member.userId)).toEqual([]);
    await api.patch(`members/${memberId}`, { status: 'SUSPENDED' });
    await api.patch(`merchants/${merchantId}`, { status: 'ACTIVE' });
    expect(await rowsOf(member.userId)).toEqual([]);
    await api.patch(`members/${memberId}`, { status: 'ACTIVE' });
    expect(await rowsOf(member.userId)).toEqual(asRows(here, role.id));
  });

  test('who is removed has nothing left, nor anything that comes back (P1, P12)', async () => {
    const { api, memberId, member, organizerId } = await createStaff();
    await api.patch(`members/${memberId}`, { status: 'SUSPENDED' });
    expect((await api.remove(`members/${memberId}`)).status).toBe(204);
    expect((await api.get(`members/${memberId}`)).status).toBe(404);
    expect(await rowsOf(member.userId)).toEqual([]);
    expect(await sql('SELECT FROM identity."HeldPolicy" WHERE organizer_id = $1', [organizerId])).toEqual([]);
    const trail = await trailOf(memberId);
    expect(trail.map(({ action }) => action)).toEqual(['member.changed', 'member.removed']);
  });
});

describe('the last owner', () => {
  type Take = (shop: Shop, id: string) => Promise<Answer>;
  test.each<[string, Take]>([
    ['suspended', ({ owner }, id) => owner.api.patch(`members/${id}`, { status: 'SUSPENDED' })],
    ['removed', ({ owner }, id) => owner.api.remove(`members/${id}`)],
    ['demoted', ({ owner }, id) => owner.api.patch(`members/${id}`, { merchantId: null, roleIds: [] })],
  ])('can’t be %s (P1)', async (_name, take) => {
    const shop = await createShop(service);
    await until('not an owner', async () => (await shop.owner.api.get('organizers')).status === 200);
    const before = await rowsOf(shop.owner.userId);
    expect(refusal(await take(shop, shop.ownerMemberId))).toEqual([409, 'policy.last_owner']);
    expect(await rowsOf(shop.owner.userId)).toEqual(before);
  });

  test('stays by a row’s removal too, an administrator’s included; and of two who remove each other one stays (P1)', async () => {
    const shop = await createShop(service);
    const [row] = await sql<{ id: string }>(
      `SELECT id FROM public."PolicyDefinition" WHERE subject_id = $1 AND target_id = '2'`,
      [shop.owner.userId],
    );
    expect(refusal(await admin.remove(`policies/${row?.id}`))).toEqual([409, 'policy.last_owner']);
    const second = await createSignedIn(service);
    const place = `Organizer_${shop.organizerId}`;
    const secondId = await placeMember(shop.workspace, second.userId, '500_owner', place);
    for (const { api } of [shop.owner, second])
      await until('not an owner', async () => (await api.get('organizers')).status === 200);
    const answers = await Promise.all([
      shop.owner.api.remove(`members/${secondId}`),
      second.api.remove(`members/${shop.ownerMemberId}`),
    ]);
    const left = await sql(
      `SELECT FROM public."PolicyDefinition" WHERE target_id = '2' AND domain = $1 AND variant = 'assign_role'`,
      [place],
    );
    expect(left).toHaveLength(1);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, expect.any(Number)]);
  });
});

describe('tokens of whoever loses a right', () => {
  test('are revoked at once where the setting says so; the session goes on under another place (P3, S8)', async () => {
    const strict = await startService({ IDENTITY_REVOKE_ON_LOSS: '1' });
    try {
      const { api, memberId, member } = await createStaff(strict);
      const before = statusOf(member.token);
      expect(await statusAt(strict, before)).toBe(0);
      await api.patch(`members/${memberId}`, { status: 'SUSPENDED' });
      await until('not revoked', async () => (await statusAt(strict, before)) === 1, 20_000);
      const refresh = (refreshToken: string) => post(`${strict.url}${BASE}/auth/refresh`, { refreshToken });
      const renewed = await refresh(member.refreshToken);
      expect(renewed.status).toBe(200);
      expect(renewed.body.sessionId).toBe(decodeJwt(member.token).session_id);
      const after = statusOf(renewed.body.accessToken);
      expect(after).not.toEqual(before);
      expect(await statusAt(strict, after)).toBe(0);
      expect(decodeJwt(renewed.body.accessToken).merchants).toEqual([]);
      const again = await refresh(renewed.body.refreshToken);
      expect(statusOf(again.body.accessToken)).toEqual(after);
    } finally {
      await strict.stop();
    }
  });

  test('live on until the next refresh otherwise (P3)', async () => {
    const { api, memberId, member } = await createStaff();
    await api.remove(`members/${memberId}`);
    const [session] = await sql(
      `SELECT FROM identity."AuthSession" AS session JOIN identity."Revocation" AS revoked
         ON revoked.list_id = session.status_list AND revoked.idx = session.status_idx WHERE session.id = $1`,
      [decodeJwt(member.token).session_id],
    );
    expect(session).toBeUndefined();
  });
});

test('what gives or takes rights needs a sign-in of the last five minutes (RFC 9470)', async () => {
  const { owner, memberId, merchantId, organizerId } = await createStaff();
  await sql(`UPDATE identity."AuthSession" SET auth_time = now() - interval '6 minutes' WHERE id = $1`, [
    decodeJwt(owner.token).session_id,
  ]);
  const { body } = await post(`${service.url}${BASE}/auth/refresh`, { refreshToken: owner.refreshToken });
  const late = administration(service, body.accessToken);
  const answers = [
    await late.patch(`members/${memberId}`, { status: 'SUSPENDED' }),
    await late.remove(`members/${memberId}`),
    await late.post('merchants', { organizerId, name: 'X' }),
    await late.patch(`merchants/${merchantId}`, { name: 'X' }),
    await late.post('invitations', {
      organizerId,
      roleId: '2',
      identifier: { scheme: 'email', value: 'x@example.test' },
    }),
  ];
  expect(answers.map(refusal)).toEqual(answers.map(() => [401, 'token.insufficient_user_authentication']));
  expect((await late.get(`members/${memberId}`)).status).toBe(200);
});
