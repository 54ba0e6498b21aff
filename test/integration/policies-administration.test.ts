import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_PEOPLE, DEMO_SERVICE } from '../../embedded/demo-data.js';
import {
  addMember,
  assignRole,
  createOwner,
  dialect,
  newId,
  type TestBranch,
  type TestWorkspace,
} from '../support/branches.js';
import { BASE, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { createPerson } from '../support/people.js';
import { createPermission, createRole, policies, writeRow } from '../support/policies.js';
import { startService, type TestService } from '../support/service.js';
import { basic } from '../support/services.js';
import { until } from '../support/until.js';

const [demoAdmin, demoOwner, demoCashier] = DEMO_PEOPLE;
let service: TestService;
let admin: string;
const api = () => policies(service);

beforeAll(async () => {
  service = await startService();
  admin = (await signIn(service, demoAdmin)).body.accessToken;
});
afterAll(() => service.stop());

interface Shop {
  token: string;
  userId: string;
  workspace: TestWorkspace;
  organizer: string;
  merchant: string;
  /** A member without any right. */
  member: string;
}

async function createShop(): Promise<Shop> {
  const { person, userId, workspace } = await createOwner(service, 1);
  const member = (await signIn(service, await createPerson())).body.user.id as string;
  await addMember(member, workspace);
  const merchant = (workspace.branches[0] as TestBranch).id;
  const token = (await signIn(service, person)).body.accessToken as string;
  return {
    token,
    userId,
    workspace,
    organizer: `Organizer_${workspace.id}`,
    merchant: `Merchant_${merchant}`,
    member,
  };
}

const grant = (subjectId: string, domain: string | null, action = 'read', permission = '1') => ({
  variant: 'grant',
  subjectType: 'User',
  subjectId,
  targetType: 'Permission',
  targetId: permission,
  action,
  domain,
});
const assign = (subjectId: string, roleId: string, domain: string | null) => ({
  variant: 'assign_role',
  subjectType: 'User',
  subjectId,
  targetType: 'Role',
  targetId: roleId,
  domain,
});
const link = (variant: string, type: string, from: string, to: string) => ({
  variant,
  subjectType: type,
  subjectId: from,
  targetType: type,
  targetId: to,
});
const mayRead = async (userId: string, domain: string, object = 'customer') => {
  const sale = basic(DEMO_SERVICE.name, DEMO_SERVICE.secret);
  const { body } = await api().check(sale, [{ domain, object, action: 'read' }], {
    type: 'User',
    id: userId,
  });
  return body.results[0].allowed as boolean;
};
const refusal = ({ status, body }: { status: number; body: { code?: string } }) => [status, body.code];

describe('an owner', () => {
  test('gives a right inside, changes it, takes it away, and the trail tells (P1, P12)', async () => {
    const { token, userId, member, merchant, organizer } = await createShop();
    const made = await api().create(token, grant(member, merchant));
    expect(made.status).toBe(201);
    const id = made.body.id as string;
    expect(made.body).toMatchObject({
      ...grant(member, merchant),
      effect: null,
      domainType: 'Merchant',
      domainId: merchant.slice(9),
      origin: 'manual',
    });
    await until('not allowed', () => mayRead(member, merchant));
    expect(await mayRead(member, organizer)).toBe(false);
    expect((await api().list(token, `?subjectType=User&subjectId=${member}`)).body).toEqual([made.body]);
    const changed = await api().change(token, id, { domain: organizer });
    expect([changed.status, changed.body.domain, changed.body.domainType]).toEqual([
      200,
      organizer,
      'Organizer',
    ]);
    await until('not allowed', () => mayRead(member, organizer));
    expect((await api().remove(token, id)).status).toBe(204);
    await until('still allowed', async () => !(await mayRead(member, organizer)));
    const trail = await sql(
      `SELECT action, actor_id, before ->> 'domain' AS before, after ->> 'domain' AS after
       FROM identity."AuditEvent" WHERE subject_type = 'policy' AND subject_id = $1 ORDER BY created_at`,
      [id],
    );
    expect(trail).toEqual([
      { action: 'policy.created', actor_id: userId, before: null, after: merchant },
      { action: 'policy.changed', actor_id: userId, before: merchant, after: organizer },
      { action: 'policy.removed', actor_id: userId, before: organizer, after: null },
    ]);
  });

  test('administers inside and nowhere else: what lies elsewhere is not there, wherever its id stands (P9)', async () => {
    const [own, other] = [await createShop(), await createShop()];
    const foreign = (await api().create(other.token, grant(other.member, other.merchant))).body.id as string;
    for (const domain of [other.merchant, other.organizer, { type: 'Merchant', id: newId() }]) {
      expect(refusal(await api().create(own.token, { ...grant(own.member, null), domain }))).toEqual([
        404,
        'request.not_found',
      ]);
    }
    expect((await api().change(own.token, foreign, { action: 'manage' })).status).toBe(404);
    expect((await api().change(own.token, foreign, { domain: own.merchant })).status).toBe(404);
    expect((await api().remove(own.token, foreign)).status).toBe(404);
    expect((await api().list(own.token, `?domain=${other.merchant}`)).status).toBe(404);
    const { body } = await api().list(own.token, '?limit=200');
    expect(body.map(({ id }: { id: string }) => id)).not.toContain(foreign);
    const mine = (await api().create(own.token, grant(own.member, own.merchant))).body.id as string;
    expect((await api().change(own.token, mine, { domain: other.merchant })).status).toBe(404);
  });

  test('writes nothing that counts everywhere, nor what things are (P1)', async () => {
    const { token, member, workspace, organizer } = await createShop();
    for (const draft of [
      grant(member, null),
      grant(member, 'Platform'),
      assign(member, '3', null),
      link('role_inherits', 'Role', '3', '2'),
      link('resource_inherits', 'Resource', 'a', 'b'),
      { ...link('domain_inherits', 'Organizer', newId(), workspace.id), subjectType: 'Merchant' },
    ]) {
      expect(refusal(await api().create(token, draft))).toEqual([403, 'policy.not_administrator']);
    }
    expect((await api().remove(token, 'seed-owner-customers')).status).toBe(404);
    expect(organizer).toContain(workspace.id);
  });

  test('gives no more than they hold: no foreign right, no higher role, no role that hides one (P1)', async () => {
    const { token, member, merchant } = await createShop();
    const [secret, hiding] = [await createPermission(), await createRole()];
    await writeRow('role_inherits', ['Role', hiding.id], ['Role', '1']);
    const carrying = await createRole();
    await writeRow('grant', ['Role', carrying.id], ['Permission', secret.id], { action: 'read' });
    for (const draft of [
      grant(member, merchant, 'read', secret.id),
      assign(member, carrying.id, merchant),
      assign(member, (await createRole(600)).id, merchant),
    ]) {
      expect(refusal(await api().create(token, draft))).toEqual([403, 'policy.more_than_held']);
    }
    for (const role of ['1', hiding.id]) {
      expect(refusal(await api().create(token, assign(member, role, merchant)))).toEqual([
        422,
        'policy.not_enforceable',
      ]);
    }
    const asleep = await createRole(900);
    await sql(`UPDATE identity."Role" SET status = 'SUSPENDED' WHERE id = $1`, [asleep.id]);
    expect(refusal(await api().create(token, assign(member, asleep.id, merchant)))).toEqual([
      422,
      'policy.not_enforceable',
    ]);
    expect((await api().create(token, assign(member, '2', merchant))).status).toBe(201);
    await sql(`DELETE FROM public."PolicyDefinition" WHERE subject_id = $1`, [hiding.id]);
  });

  test('takes away no denial of what they do not hold, and lifts none that is on themselves (P1)', async () => {
    const { token, userId, merchant } = await createShop();
    const denial = await writeRow('grant', ['User', userId], ['Permission', '1'], {
      action: 'delete',
      effect: 'deny',
      domain: merchant,
    });
    expect(refusal(await api().remove(token, denial))).toEqual([403, 'policy.more_than_held']);
    expect(refusal(await api().change(token, denial, { effect: 'allow' }))).toEqual([
      403,
      'policy.more_than_held',
    ]);
    expect(refusal(await api().change(token, denial, { action: 'read' }))).toEqual([
      403,
      'policy.more_than_held',
    ]);
    expect((await api().remove(admin, denial)).status).toBe(204);
  });

  test('names members of their organizer alone, and learns of nobody else (P9)', async () => {
    const [own, other] = [await createShop(), await createShop()];
    for (const stranger of [other.member, demoCashier.id, newId()]) {
      expect(refusal(await api().create(own.token, grant(stranger, own.merchant)))).toEqual([
        422,
        'policy.unknown_reference',
      ]);
    }
  });

  test('who was one a moment ago is none, whatever the token says (P3)', async () => {
    const { token, userId, member, merchant } = await createShop();
    expect((await api().list(token)).status).toBe(200);
    await sql(`DELETE FROM public."PolicyDefinition" WHERE subject_id = $1 AND target_id = '2'`, [userId]);
    const refused = await until('still an owner', async () => {
      const answer = await api().create(token, grant(member, merchant));
      return answer.status === 403 && answer;
    });
    expect(refused.body.code).toBe('policy.not_administrator');
  });
});

describe('who may write', () => {
  test('nobody without a fresh sign-in: 401 before anything else is looked at (RFC 9470)', async () => {
    const { person } = await createOwner(service, 1);
    const { refreshToken, sessionId } = (await signIn(service, person)).body;
    await sql(`UPDATE identity."AuthSession" SET auth_time = now() - interval '6 minutes' WHERE id = $1`, [
      sessionId,
    ]);
    const { accessToken } = (await post(`${service.url}${BASE}/auth/refresh`, { refreshToken })).body;
    for (const answer of [
      await api().create(accessToken, { bent: true }),
      await api().change(accessToken, newId(), {}),
      await api().remove(accessToken, newId()),
    ]) {
      expect(refusal(answer)).toEqual([401, 'token.insufficient_user_authentication']);
      expect(answer.headers.get('www-authenticate')).toContain('max_age="300"');
    }
    expect((await api().list(accessToken)).status).toBe(200);
  });

  test('neither a cashier, nor a branch token, nor a service; 403 before the body is read (contract §5)', async () => {
    const cashier = (await signIn(service, demoCashier)).body.accessToken as string;
    const branch = (await dialect(service).login(demoCashier)).body.accessToken as string;
    expect(refusal(await api().create(cashier, { bent: true }))).toEqual([403, 'policy.not_administrator']);
    expect(refusal(await api().list(cashier))).toEqual([403, 'policy.not_administrator']);
    expect(refusal(await api().create(branch, { bent: true }))).toEqual([403, 'token.wrong_kind']);
    const sale = basic(DEMO_SERVICE.name, DEMO_SERVICE.secret);
    expect((await post(api().at(), {}, sale)).status).toBe(401);
    expect(refusal(await api().create(admin, { bent: true }))).toEqual([422, 'request.validation_failed']);
  });
});

describe('a row that could not be enforced is refused', () => {
  const person = demoCashier.id;

  test.each([
    ['an unknown action', grant(person, null, 'approve'), 'request.validation_failed'],
    ['a wildcard for an action', grant(person, null, '*'), 'request.validation_failed'],
    ['a wildcard for a domain', grant(person, 'Merchant_*'), 'request.validation_failed'],
    ['everything of a domain', grant(person, '.*'), 'request.validation_failed'],
    ['a wildcard for a subject', grant('*', null), 'request.validation_failed'],
    ['a line break in an id', grant('1\n2', null), 'request.validation_failed'],
    ['quotes in an id', grant(`1' OR '1'='1`, null), 'request.validation_failed'],
    ['an unknown variant', { ...grant(person, null), variant: 'merchant_role' }, 'request.validation_failed'],
    ['an unknown field', { ...grant(person, null), origin: 'seed' }, 'request.validation_failed'],
    ['a role as a permission', { ...grant(person, null), targetType: 'Role' }, 'policy.not_enforceable'],
    [
      'an assignment with an action',
      { ...assign(person, '3', null), action: 'read' },
      'policy.not_enforceable',
    ],
    [
      'a domain where none counts',
      { ...link('role_inherits', 'Role', '3', '2'), domain: 'Platform' },
      'policy.not_enforceable',
    ],
    [
      'two domains in one row',
      { ...grant(person, 'Merchant_1'), domainType: 'Merchant', domainId: '2' },
      'policy.not_enforceable',
    ],
    [
      'half a domain',
      { ...grant(person, null), domain: undefined, domainType: 'Merchant' },
      'policy.not_enforceable',
    ],
    [
      'an action that nobody knows inherits',
      link('action_inherits', 'Action', 'approve', 'write'),
      'policy.not_enforceable',
    ],
    ['the platform’s role at a merchant', assign(person, '1', 'Merchant_1'), 'policy.not_enforceable'],
    ['an unknown person', grant(newId(), null), 'policy.unknown_reference'],
    ['an unknown role', assign(person, newId(), null), 'policy.unknown_reference'],
    ['an unknown permission', grant(person, null, 'read', newId()), 'policy.unknown_reference'],
  ])('%s (faults, policy values)', async (_what, draft, code) => {
    expect(refusal(await api().create(admin, draft))).toEqual([422, code]);
  });

  test('what is already there, and what is a megabyte (faults, policy values)', async () => {
    const shop = await createShop();
    const draft = grant(shop.member, shop.merchant);
    expect((await api().create(admin, draft)).status).toBe(201);
    expect(refusal(await api().create(admin, draft))).toEqual([409, 'policy.exists']);
    const huge = await api().create(admin, { ...draft, metadata: { note: 'x'.repeat(1_000_000) } });
    expect(huge.status).toBe(413);
    const long = await api().create(admin, { ...draft, metadata: { note: 'x'.repeat(5000) } });
    expect(long.status).toBe(422);
  });

  test('a row of a variant that nobody knows is removed, not changed (contract §9)', async () => {
    const { member } = await createShop();
    const id = await writeRow('merchant_role', ['User', member], ['Role', '3']);
    expect(refusal(await api().change(admin, id, { domain: 'Platform' }))).toEqual([
      422,
      'policy.not_enforceable',
    ]);
    expect((await api().remove(admin, id)).status).toBe(204);
  });

  test('a row that Keycloak keeps is changed there (S9)', async () => {
    const id = newId();
    const { member } = await createShop();
    await sql(
      `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id, origin)
       VALUES ($1, 'assign_role', 'User', $2, 'Role', '3', 'keycloak')`,
      [id, member],
    );
    expect(refusal(await api().remove(admin, id))).toEqual([409, 'policy.kept_elsewhere']);
    await sql('DELETE FROM public."PolicyDefinition" WHERE id = $1', [id]);
  });
});

describe('a circle is refused at the write', () => {
  test('of roles, things and actions, the lattice included, by whichever hand (faults, policy values)', async () => {
    const [one, two, three] = [await createRole(), await createRole(), await createRole()];
    for (const [from, to] of [
      [one, two],
      [two, three],
    ] as const) {
      expect((await api().create(admin, link('role_inherits', 'Role', from.id, to.id))).status).toBe(201);
    }
    for (const [from, to] of [
      [three, one],
      [one, one],
    ] as const) {
      expect(refusal(await api().create(admin, link('role_inherits', 'Role', from.id, to.id)))).toEqual([
        409,
        'policy.circle',
      ]);
    }
    expect(refusal(await api().create(admin, link('action_inherits', 'Action', 'manage', 'create')))).toEqual(
      [409, 'policy.circle'],
    );
    await expect(writeRow('role_inherits', ['Role', three.id], ['Role', one.id])).rejects.toThrow(
      /closes a circle/,
    );
  });

  test('two who close one together: one of them is refused (faults, policy values)', async () => {
    const [one, two] = [await createRole(), await createRole()];
    const answers = await Promise.all([
      api().create(admin, link('role_inherits', 'Role', one.id, two.id)),
      api().create(admin, link('role_inherits', 'Role', two.id, one.id)),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  test('among 20,000 rules too (faults, policy values)', async () => {
    const mark = newId();
    await sql(
      `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id)
       SELECT $1 || '-' || n, 'role_inherits', 'Role', $1 || '-' || n, 'Role', $1 || '-' || n / 10 FROM generate_series(1, 20000) AS n`,
      [mark],
    );
    const circle = sql(
      `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id)
       VALUES ($1, 'role_inherits', 'Role', $1 || '-0', 'Role', $1 || '-19999')`,
      [mark],
    );
    await expect(circle).rejects.toThrow(/closes a circle/);
    await sql(`DELETE FROM public."PolicyDefinition" WHERE id LIKE $1 || '-%'`, [mark]);
  });

  test('and so is a chain of more than ten steps, from either end (faults, policy values)', async () => {
    const roles = await Promise.all(Array.from({ length: 12 }, () => createRole()));
    const join = (from: number, to: number) =>
      api().create(admin, link('role_inherits', 'Role', roles[from]?.id ?? '', roles[to]?.id ?? ''));
    for (let step = 0; step < 5; step += 1) expect((await join(step, step + 1)).status).toBe(201);
    for (let step = 6; step < 11; step += 1) expect((await join(step, step + 1)).status).toBe(201);
    expect(refusal(await join(5, 6))).toEqual([409, 'policy.too_deep']);
  });
});

describe('the last administrator', () => {
  test('can’t be removed, and of two who remove each other one stays (P1)', async () => {
    const held = await sql<{ id: string; subject_id: string }>(
      `SELECT id, subject_id FROM public."PolicyDefinition" WHERE target_id = '1' AND variant = 'assign_role'`,
    );
    const others = held.filter(({ subject_id: who }) => who !== demoAdmin.id).map(({ id }) => id);
    await sql(`UPDATE public."PolicyDefinition" SET variant = 'kept aside' WHERE id = ANY($1)`, [others]);
    try {
      const second = await createPerson();
      const { id: secondId } = (await signIn(service, second)).body.user;
      await assignRole(secondId, '900_admin', null);
      const [row] = await sql<{ id: string }>(
        `SELECT id FROM public."PolicyDefinition" WHERE target_id = '1' AND subject_id = $1`,
        [secondId],
      );
      const demoRow = held.find(({ subject_id: who }) => who === demoAdmin.id)?.id ?? '';
      const token = await until('not an administrator', async () => {
        const { accessToken } = (await signIn(service, second)).body;
        return (await api().list(accessToken)).status === 200 && (accessToken as string);
      });
      const answers = await Promise.all([api().remove(admin, row?.id ?? ''), api().remove(token, demoRow)]);
      const statuses = answers.map(({ status }) => status).sort();
      expect([
        [204, 403],
        [204, 409],
      ]).toContainEqual(statuses);
      await sql(
        `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id, origin)
         VALUES ($1, 'assign_role', 'User', $2, 'Role', '1', 'seed') ON CONFLICT DO NOTHING`,
        [demoRow, demoAdmin.id],
      );
      await sql('DELETE FROM public."PolicyDefinition" WHERE id = $1', [row?.id]);
      await until('not an administrator again', async () => (await api().list(admin)).status === 200);
      const last = await api().remove(admin, demoRow);
      expect(refusal(last)).toEqual([409, 'policy.last_administrator']);
    } finally {
      await sql(`UPDATE public."PolicyDefinition" SET variant = 'assign_role' WHERE id = ANY($1)`, [others]);
    }
  });
});

describe('a dry run', () => {
  test('tells what a write would grant and take away, and writes nothing (contract §5)', async () => {
    const { token, member, merchant, organizer } = await createShop();
    const count = async () =>
      (await sql<{ count: number }>('SELECT count(*)::int AS count FROM public."PolicyDefinition"'))[0]
        ?.count;
    const before = await count();
    const planned = await api().create(token, grant(member, merchant, 'write'), '?dryRun=true');
    expect(planned.status).toBe(200);
    expect(planned.body).toEqual({
      grants: [{ domain: merchant, object: 'customer', actions: ['create', 'update', 'delete', 'write'] }],
      takes: [],
      isWhole: true,
      reaches: 'subject',
    });
    expect(await count()).toBe(before);
    const { id } = (await api().create(token, grant(member, merchant, 'write'))).body;
    const narrower = await api().change(token, id, { action: 'delete' }, '?dryRun=true');
    expect(narrower.body).toMatchObject({
      grants: [],
      takes: [{ domain: merchant, object: 'customer', actions: ['create', 'update', 'write'] }],
    });
    const moved = await api().change(token, id, { domain: organizer }, '?dryRun=true');
    expect(moved.body.grants).toEqual([
      { domain: organizer, object: 'customer', actions: ['create', 'update', 'delete', 'write'] },
    ]);
    expect((await api().remove(token, id, '?dryRun=true')).body.takes).toHaveLength(1);
    expect((await api().list(token, `?subjectId=${member}`)).body).toMatchObject([
      { id, action: 'write', domain: merchant },
    ]);
    const trail = await sql(
      `SELECT FROM identity."AuditEvent" WHERE subject_type = 'policy' AND subject_id = $1`,
      [id],
    );
    expect(trail).toHaveLength(1);
  });

  test('is refused as the write would be (contract §5)', async () => {
    const { token, member, organizer } = await createShop();
    const secret = await createPermission();
    const refused = await api().create(token, grant(member, organizer, 'read', secret.id), '?dryRun=true');
    expect(refusal(refused)).toEqual([403, 'policy.more_than_held']);
  });
});

test('the list is read in pages, and by what is asked for (contract §5)', async () => {
  const { token, member, merchant } = await createShop();
  for (const action of ['read', 'create', 'update'])
    await api().create(token, grant(member, merchant, action));
  const all = (await api().list(token, `?subjectId=${member}`)).body as { id: string }[];
  expect(all).toHaveLength(3);
  const first = await api().list(token, `?subjectId=${member}&limit=2`);
  expect(first.body).toEqual(all.slice(0, 2));
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  const second = await api().list(token, next.slice(next.indexOf('?')));
  expect([second.body, second.headers.get('link')]).toEqual([all.slice(2), null]);
  const ofOwner = (await signIn(service, demoOwner)).body.accessToken as string;
  expect((await api().list(ofOwner, `?subjectId=${member}`)).body).toEqual([]);
});
