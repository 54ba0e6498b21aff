import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_MERCHANTS, DEMO_ORGANIZER, DEMO_PEOPLE, DEMO_SERVICE } from '../../embedded/demo-data.js';
import type { compilePolicies } from '../../src/policies/policy-index.js';
import { ACTIONS } from '../../src/policies/policy-row.js';
import { assignRole, createOwner, dialect, newId, type TestBranch } from '../support/branches.js';
import { bearer, call, signIn } from '../support/call.js';
import { askCasbin } from '../support/casbin-oracle.js';
import { sql } from '../support/database.js';
import { createPermission, createRole, policies, writeRow } from '../support/policies.js';
import { startService, type TestService } from '../support/service.js';
import { basic, createService } from '../support/services.js';
import { until } from '../support/until.js';

const [admin, owner, cashier] = DEMO_PEOPLE;
const [hoGuom, benThanh] = DEMO_MERCHANTS as [TestBranch, TestBranch];
const sale = basic(DEMO_SERVICE.name, DEMO_SERVICE.secret);
let service: TestService;
let replica: TestService;
const tokens: Record<string, Record<string, string>> = {};
const api = () => policies(service);

beforeAll(async () => {
  service = await startService();
  replica = await startService();
  for (const [name, person] of Object.entries({ admin, owner, cashier })) {
    tokens[name] = bearer((await signIn(service, person)).body.accessToken);
  }
});
afterAll(() => Promise.all([service.stop(), replica.stop()]));

const as = (name: string) => tokens[name] as Record<string, string>;
const customers = (domain: unknown, action = 'read') => ({ domain, object: 'customer', action });
const allowed = (body: { results: { allowed: boolean }[] }) => body.results.map((result) => result.allowed);

describe('a check', () => {
  test('says up to which change it counts: what it has missed comes later in the feed (P3)', async () => {
    const person = newId();
    const role = await createRole();
    const ask = async () => {
      const { body } = await api().check(sale, [customers('Platform')], { type: 'User', id: person });
      return body as { cursor: string; policyVersion: number };
    };
    const changesAfter = async (cursor: string) => {
      const { body } = await api().changes(sale, `?after=${cursor}&wait=0`);
      return (body.changes as { subjectId: string; policyVersion: number }[]).find(
        ({ subjectId }) => subjectId === person,
      );
    };
    const before = await ask();
    await writeRow('assign_role', ['User', person], ['Role', role.id]);
    expect(await changesAfter(before.cursor)).toBeDefined();
    const after = await until('the change has not come', async () => {
      const answer = await ask();
      return answer.policyVersion > before.policyVersion && answer;
    });
    expect(Number(after.cursor)).toBeGreaterThanOrEqual(after.policyVersion);
    expect(await changesAfter(after.cursor)).toBeUndefined();
    await writeRow('assign_role', ['User', newId()], ['Role', role.id]); // somebody else's
    const later = await until('the cursor stands still', async () => {
      const answer = await ask();
      return Number(answer.cursor) > Number(after.cursor) && answer;
    });
    expect(later.policyVersion).toBe(after.policyVersion);
  });

  test('lets a cashier do what their role says at their merchant and nothing at the other one (P2)', async () => {
    const { status, body } = await api().check(as('cashier'), [
      customers(`Merchant_${hoGuom.id}`),
      customers(`Merchant_${hoGuom.id}`, 'delete'),
      customers(`Merchant_${benThanh.id}`),
      customers(`Organizer_${DEMO_ORGANIZER.id}`),
      customers('Platform'),
      { domain: `Merchant_${hoGuom.id}`, object: 'policy', action: 'write' },
    ]);
    expect(status).toBe(200);
    expect(allowed(body)).toEqual([true, true, false, false, false, false]);
    expect(body.results[0].because).toEqual({
      reason: 'granted',
      policyId: 'demo-grant-100_cashier-customer.read',
      subjectType: 'Role',
      subjectId: '290000000000000020',
    });
    expect(body.results[2].because).toEqual({ reason: 'not_granted' });
    expect(body.policyVersion).toBeGreaterThan(0);
  });

  test('takes a domain in every spelling, a bare id as a merchant’s, and none as the platform’s (contract §5)', async () => {
    const { body } = await api().check(as('owner'), [
      customers(benThanh.id),
      customers({ type: 'Merchant', id: benThanh.id }),
      customers({ type: 'Organizer', id: DEMO_ORGANIZER.id }),
      { object: 'customer', action: 'read' },
    ]);
    expect(allowed(body)).toEqual([true, true, true, false]);
  });

  test.each([
    [{ domain: 'Merchant_*', object: 'customer', action: 'read' }],
    [{ domain: '*', object: 'customer', action: 'read' }],
    [{ domain: "Merchant_1' OR '1", object: 'customer', action: 'read' }],
    [{ domain: 'Merchant_1\n', object: 'customer', action: 'read' }],
    [{ domain: 'Merchant_1', object: '.*', action: 'read' }],
    [{ domain: 'Merchant_1', object: 'customer', action: '*' }],
    [{ domain: 'Merchant_1', object: 'customer', action: 'approve' }],
    [{ domain: ['Merchant_1'], object: 'customer', action: 'read' }],
  ])('refuses %j (faults, policy values)', async (check) => {
    const { status, body } = await api().check(as('owner'), [check]);
    expect([status, body.code]).toEqual([422, 'request.validation_failed']);
  });

  test('of another subject is for administrators and services (contract §5)', async () => {
    const subject = { type: 'User', id: cashier.id };
    const ask = (headers: Record<string, string>) => api().check(headers, [customers(hoGuom.id)], subject);
    for (const headers of [as('admin'), as('cashier'), sale]) {
      expect(allowed((await ask(headers)).body)).toEqual([true]);
    }
    const refused = await ask(as('owner'));
    expect([refused.status, refused.body.code]).toEqual([403, 'policy.other_subject']);
  });

  test('by a branch token is about the branch, and never answers for another (contract §1)', async () => {
    const { person, workspace } = await createOwner(service, 2);
    const [here, there] = workspace.branches as [TestBranch, TestBranch];
    const { accountAccessToken } = (await dialect(service).login(person)).body;
    const branch = bearer((await dialect(service).select(accountAccessToken, here.id)).body.accessToken);
    const { body } = await api().check(branch, [
      { object: 'customer', action: 'read' },
      customers(here.id),
      customers(there.id),
    ]);
    expect(allowed(body)).toEqual([true, true, false]);
    expect(body.results[2].because).toEqual({ reason: 'outside_branch' });
  });

  test('of somebody who is suspended allows nothing, as soon as they are (P3)', async () => {
    const { userId, workspace } = await createOwner(service, 1);
    const ask = () =>
      api().check(sale, [customers(`Organizer_${workspace.id}`)], { type: 'User', id: userId });
    expect(allowed((await ask()).body)).toEqual([true]);
    await sql(`UPDATE identity."User" SET status = 'SUSPENDED' WHERE id = $1`, [userId]);
    const results = await until('still allowed', async () => {
      const { body } = await ask();
      return !body.results[0].allowed && body.results;
    });
    expect(results[0].because).toEqual({ reason: 'subject_inactive' });
  });
});

describe('who may ask', () => {
  const checkAs = (headers: Record<string, string>) => api().check(headers, [customers(hoGuom.id)]);

  test('nobody without a credential, and no service without the grant or through a proxy (P5)', async () => {
    expect((await checkAs({})).body.code).toBe('token.missing');
    expect((await checkAs(bearer('x.y.z'))).body.code).toBe('token.invalid');
    expect((await checkAs(basic('sale', 'wrong'))).body.code).toBe('service.refused');
    expect((await checkAs({ ...sale, 'x-forwarded-for': '192.0.2.1' })).status).toBe(401);
    const other = await createService({ calls: ['whoami'] });
    const refused = await checkAs(basic(other.name, other.credential.secret));
    expect([refused.status, refused.body.code]).toEqual([403, 'service.call_not_granted']);
  });

  test('is asked before what is sent is looked at, of people and services alike (contract, order of refusals)', async () => {
    const other = await createService({ calls: ['whoami'] });
    const bent = (headers: Record<string, string>) =>
      call(api().at('/check'), {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{',
      });
    expect((await bent({})).status).toBe(401);
    expect((await bent(basic('sale', 'wrong'))).status).toBe(401);
    expect((await bent(basic(other.name, other.credential.secret))).status).toBe(403);
    expect((await bent(sale)).status).toBe(400);
    expect((await bent(as('cashier'))).status).toBe(400);
  });
});

describe('what a subject may do', () => {
  test('is told to themselves, to administrators and to services, and is nothing to others (contract §5)', async () => {
    const own = await api().subject(as('cashier'), 'User', cashier.id);
    expect(own.body).toMatchObject({
      organizers: [DEMO_ORGANIZER.id],
      merchants: [hoGuom.id],
      permissions: [
        {
          domain: `Merchant_${hoGuom.id}`,
          object: 'customer',
          actions: ['create', 'read', 'update', 'delete', 'write'],
        },
      ],
    });
    expect(own.body.roles.map(({ identifier }: { identifier: string }) => identifier)).toEqual([
      '100_cashier',
      '010_user',
    ]);
    for (const headers of [as('admin'), sale]) {
      expect((await api().subject(headers, 'User', cashier.id)).body).toEqual(own.body);
    }
    for (const [type, id] of [
      ['User', cashier.id],
      ['User', newId()],
      ['Role', '1'],
    ] as const) {
      expect((await api().subject(as('owner'), type, id)).status).toBe(404);
    }
    expect((await api().subject(sale, 'User', newId())).status).toBe(404);
  });

  test('has the version of their token, whatever reaches them (D6)', async () => {
    for (const [name, person] of [
      ['owner', owner],
      ['cashier', cashier],
    ] as const) {
      const { accessToken } = (await signIn(service, person)).body;
      const { policy_version: inToken } = JSON.parse(
        Buffer.from(accessToken.split('.')[1], 'base64url').toString(),
      );
      expect((await api().subject(as(name), 'User', person.id)).body.policyVersion).toBe(inToken);
    }
  });
});

describe('a change', () => {
  /** By SQL, as a sister or an operator writes, past this service. */
  const ask = async (at: TestService, userId: string, object: string, domain: string) =>
    allowed(
      (await policies(at).check(sale, [{ domain, object, action: 'read' }], { type: 'User', id: userId }))
        .body,
    )[0];

  test.each([
    [
      'a denial of a role’s',
      async (it: Scene) =>
        void (await writeRow('grant', ['Role', it.roleId], ['Permission', it.permissionId], {
          action: 'read',
          effect: 'deny',
        })),
    ],
    [
      'the end of an assignment',
      async (it: Scene) =>
        void (await sql('DELETE FROM public."PolicyDefinition" WHERE id = $1', [it.assignmentId])),
    ],
    [
      'the end of a domain’s place',
      async (it: Scene) =>
        void (await sql('DELETE FROM public."PolicyDefinition" WHERE id = $1', [it.placeId])),
    ],
    [
      'a suspended role',
      async (it: Scene) =>
        void (await sql(`UPDATE identity."Role" SET status = 'SUSPENDED' WHERE id = $1`, [it.roleId])),
    ],
    [
      'a permission about another thing',
      async (it: Scene) =>
        void (await sql(`UPDATE identity."Permission" SET subject = 'other' WHERE id = $1`, [
          it.permissionId,
        ])),
    ],
  ])('by SQL is seen by every replica: %s (P3)', async (_what, change) => {
    const scene = await createScene();
    const [place] = [`Merchant_${scene.merchant}`];
    for (const at of [service, replica]) expect(await ask(at, scene.userId, scene.object, place)).toBe(true);
    await change(scene);
    for (const at of [service, replica]) {
      await until('still allowed', async () => !(await ask(at, scene.userId, scene.object, place)));
    }
  });

  test('of a role with many members is one row of epochs (D6)', async () => {
    const scene = await createScene();
    await sql(
      `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id)
       SELECT 'many-' || $1 || '-' || n, 'assign_role', 'User', 'many-' || n, 'Role', $1 FROM generate_series(1, 2000) AS n`,
      [scene.roleId],
    );
    const epochs = async () =>
      (
        await sql<{ count: number }>(
          'SELECT count(*)::int AS count FROM identity."PolicyEpoch" WHERE epoch > $1',
          [before],
        )
      )[0]?.count;
    const [newest] = await sql<{ max: string }>('SELECT max(epoch) FROM identity."PolicyEpoch"');
    const before = newest?.max;
    await writeRow('grant', ['Role', scene.roleId], ['Permission', scene.permissionId], { action: 'update' });
    expect(await epochs()).toBe(1);
    await sql(`DELETE FROM public."PolicyDefinition" WHERE id LIKE 'many-' || $1 || '-%'`, [scene.roleId]);
  });
});

interface Scene {
  userId: string;
  roleId: string;
  permissionId: string;
  object: string;
  merchant: string;
  assignmentId: string;
  placeId: string;
}

/** Somebody whose role, held at an organizer, lets them read a thing at a merchant of it. */
async function createScene(): Promise<Scene> {
  const [userId, organizer, merchant] = [newId(), newId(), newId()];
  const role = await createRole();
  const permission = await createPermission();
  const placeId = await writeRow('domain_inherits', ['Merchant', merchant], ['Organizer', organizer]);
  const assignmentId = await writeRow('assign_role', ['User', userId], ['Role', role.id], {
    domain: `Organizer_${organizer}`,
  });
  await writeRow('grant', ['Role', role.id], ['Permission', permission.id], { action: 'read' });
  return {
    userId,
    roleId: role.id,
    permissionId: permission.id,
    object: permission.object,
    merchant,
    assignmentId,
    placeId,
  };
}

test('what one statement reads of a subject is all that casbin would need (D6)', async () => {
  const scene = await createScene();
  const [upper, lower] = [await createRole(), await createRole()];
  await assignRole(scene.userId, lower.identifier, `Merchant_${scene.merchant}`);
  await writeRow('role_inherits', ['Role', lower.id], ['Role', upper.id]);
  await writeRow('grant', ['Role', upper.id], ['Permission', scene.permissionId], {
    action: 'write',
    domain: 'ANY_MEMBER',
  });
  await writeRow('join_domain', ['User', scene.userId], ['Merchant', scene.merchant]);
  await writeRow('grant', ['User', scene.userId], ['Permission', scene.permissionId], {
    action: 'delete',
    effect: 'deny',
  });
  await writeRow('resource_inherits', ['Resource', `part-${scene.object}`], ['Resource', scene.object]);
  const rows = await sql<Record<string, string | null>>(
    `SELECT policy.id, variant, subject_type AS "subjectType", subject_id AS "subjectId", target_type AS "targetType",
       target_id AS "targetId", policy.action, effect, domain, domain_type AS "domainType", domain_id AS "domainId",
       permission.subject AS object, permission.action AS permitted
     FROM public."PolicyDefinition" AS policy LEFT JOIN identity."Permission" AS permission
       ON policy.target_type = 'Permission' AND permission.id = policy.target_id`,
  );
  const roles = await sql<{ id: string; identifier: string; priority: number }>(
    'SELECT id, identifier, priority FROM identity."Role"',
  );
  const subject = { type: 'User', id: scene.userId };
  const everything = rows as unknown as Parameters<typeof compilePolicies>[1];
  const casbin = await askCasbin(subject, everything, roles);
  const questions = ['Platform', `Merchant_${scene.merchant}`].flatMap((domain) =>
    [scene.object, `part-${scene.object}`, 'customer'].flatMap((object) =>
      ACTIONS.map((action) => ({ domain, object, action })),
    ),
  );
  const { body } = await api().check(sale, questions, subject);
  expect(allowed(body)).toEqual(questions.map(casbin.allows));
  expect(allowed(body)).toContain(true);
});
