import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ActiveRole, compilePolicies, type Question } from '../../src/policies/policy-index.js';
import { ACTIONS, type PolicyRow, type PolicySubject, VARIANTS } from '../../src/policies/policy-row.js';
import { askCasbin } from '../support/casbin-oracle.js';

const ME: PolicySubject = { type: 'User', id: '1' };
const nothing = { action: null, effect: null, domain: null, domainType: null, domainId: null };
let made = 0;
const row = (variant: string, subject: string, target: string, rest: Partial<PolicyRow> = {}): PolicyRow => {
  const [subjectType = '', subjectId = ''] = subject.split(':');
  const [targetType = '', targetId = ''] = target.split(':');
  made += 1;
  const granted = variant === 'grant' || variant === 'policy';
  return {
    id: `p${made}`,
    variant,
    subjectType,
    subjectId,
    targetType,
    targetId,
    ...nothing,
    object: granted ? targetId : null,
    permitted: null,
    ...rest,
  };
};
const roles = (...ids: string[]): ActiveRole[] =>
  ids.map((id) => ({ id, identifier: `010_${id}`, priority: 10 }));

// Few names, so that rows meet each other often.
const OBJECTS = ['customer', 'order', 'order.item', '*'];
const DOMAINS = ['Platform', 'Organizer_1', 'Organizer_2', 'Merchant_1', 'Merchant_2', 'Merchant_3'];
const subjects = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('User:1', 'Role:1', 'Role:2') },
  { weight: 1, arbitrary: fc.constantFrom('User:2', 'Role:3', 'Service:1') },
);
const roleNames = fc.constantFrom('Role:1', 'Role:2', 'Role:3', 'Role:4');
const places = fc.constantFrom('Organizer:1', 'Organizer:2', 'Merchant:1', 'Merchant:2', 'Merchant:3');
const actions = fc.option(fc.constantFrom(...ACTIONS, 'approve'));
const spelled = (domain: string | null) => ({ domain, domainType: null, domainId: null });
const columns = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...DOMAINS, null).map(spelled) },
  { weight: 2, arbitrary: fc.constantFrom('ANY_MEMBER', 'SYSTEM_WIDE').map(spelled) },
  { weight: 1, arbitrary: fc.constantFrom('*', 'Merchant_*', '@', '=*', '').map(spelled) },
  {
    weight: 2,
    arbitrary: fc.record({
      domain: fc.option(fc.constantFrom(...DOMAINS)),
      domainType: fc.constantFrom('Merchant', 'Organizer', 'Platform', 'ANY_MEMBER', ''),
      domainId: fc.option(fc.constantFrom('1', '2', '3', '*')),
    }),
  },
);
const grants = fc
  .record({
    variant: fc.constantFrom('grant', 'policy'),
    holder: subjects,
    target: fc.constantFrom(...OBJECTS.map((name) => `Permission:${name}`), 'Thing:order'),
    action: actions,
    permitted: fc.option(fc.constantFrom(...ACTIONS)),
    effect: fc.option(fc.constantFrom('allow', 'allow', 'deny', 'Allow')),
    where: columns,
  })
  .map(({ variant, holder, target, where, ...rest }) => row(variant, holder, target, { ...rest, ...where }));
const assignments = fc
  .tuple(
    fc.constantFrom('assign_role', 'group'),
    subjects,
    fc.oneof(roleNames, fc.constant('Thing:1')),
    columns,
  )
  .map(([variant, who, role, where]) => row(variant, who, role, where));
const edges = fc.oneof(
  fc.tuple(roleNames, roleNames).map(([narrow, wide]) => row('role_inherits', narrow, wide)),
  fc.tuple(places, places).map(([child, parent]) => row('domain_inherits', child, parent)),
  fc.tuple(subjects, places).map(([who, place]) => row('join_domain', who, place)),
  fc
    .tuple(fc.constantFrom(...OBJECTS, 'thing'), fc.constantFrom(...OBJECTS))
    .map(([part, whole]) => row('resource_inherits', `Resource:${part}`, `Resource:${whole}`)),
  fc
    .tuple(fc.constantFrom(...ACTIONS, 'approve'), fc.constantFrom(...ACTIONS))
    .map(([narrow, wide]) => row('action_inherits', `Action:${narrow}`, `Action:${wide}`)),
);
const inert = fc
  .tuple(fc.constantFrom('merchant_role', 'GRANT', ''), subjects, fc.constant('Permission:customer'))
  .map(([variant, who, what]) => row(variant, who, what, { action: 'manage', object: 'customer' }));
const policies = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: grants },
    { weight: 3, arbitrary: assignments },
    { weight: 4, arbitrary: edges },
    inert,
  ),
  { minLength: 6, maxLength: 24, size: 'max' },
);
const questions: Question[] = DOMAINS.flatMap((domain) =>
  ['customer', 'order', 'order.item', 'thing'].flatMap((object) =>
    [...ACTIONS, 'approve'].map((action) => ({ domain, object, action })),
  ),
);

/** The questions on which the two do not agree. */
async function disagreements(
  subject: PolicySubject,
  rows: PolicyRow[],
  active: ActiveRole[],
  asked = questions,
) {
  const index = compilePolicies(subject, rows, active);
  const casbin = await askCasbin(subject, rows, active);
  return asked.filter((question) => index.decide(question).allowed !== casbin.allows(question));
}

test('the index answers as casbin does, whatever the policies are (D6)', async () => {
  await fc.assert(
    fc.asyncProperty(
      policies,
      fc.constantFrom<PolicySubject>(ME, ME, { type: 'Role', id: '1' }, { type: 'Service', id: '1' }),
      fc.subarray(['1', '2', '3', '4'], { minLength: 2 }),
      fc.shuffledSubarray(questions, { minLength: 40, maxLength: 40 }),
      async (rows, subject, active, asked) => {
        expect(await disagreements(subject, rows, roles(...active), asked)).toEqual([]);
      },
    ),
    { numRuns: 2000 },
  );
}, 300_000);

test('the index answers as casbin does over every question of a shop with owners, cashiers and a denial (D6)', async () => {
  const rows = [
    row('domain_inherits', 'Merchant:1', 'Organizer:1'),
    row('domain_inherits', 'Merchant:2', 'Organizer:1'),
    row('assign_role', 'User:1', 'Role:1', { domain: 'Merchant_1' }),
    row('assign_role', 'User:1', 'Role:2', { domainType: 'Organizer', domainId: '2' }),
    row('role_inherits', 'Role:2', 'Role:1'),
    row('grant', 'Role:1', 'Permission:customer', { action: 'write' }),
    row('grant', 'Role:1', 'Permission:customer', { action: 'delete', effect: 'deny', domain: 'Merchant_1' }),
    row('grant', 'User:1', 'Permission:order', { action: 'read', domain: 'Organizer_1' }),
  ];
  const active = roles('1', '2');
  expect(await disagreements(ME, rows, active)).toEqual([]);
  const index = compilePolicies(ME, rows, active);
  const may = (domain: string, object: string, action: string) =>
    index.decide({ domain, object, action }).allowed;
  expect(may('Merchant_1', 'customer', 'create')).toBe(true);
  expect(may('Merchant_1', 'customer', 'delete')).toBe(false);
  expect(may('Merchant_2', 'customer', 'create')).toBe(false);
  expect(may('Organizer_2', 'customer', 'delete')).toBe(true);
  expect(may('Merchant_2', 'order.item', 'read')).toBe(true);
  expect(may('Platform', 'order', 'read')).toBe(false);
});

describe('what a row may not do', () => {
  const grant = (where: Partial<PolicyRow>) =>
    compilePolicies(ME, [row('grant', 'User:1', 'Permission:customer', { action: 'manage', ...where })], []);
  const question = { domain: 'Merchant_1', object: 'customer', action: 'read' };

  test.each([
    ['*'],
    ['.*'],
    ['Merchant_*'],
    ['Merchant_.*'],
    ['@'],
    ['=Merchant_1'],
    ["Merchant_1'\n"],
    ['MERCHANT_1'],
  ])('the domain %j is nobody’s pattern (faults, policy values)', (domain) => {
    expect(grant({ domain }).decide(question)).toEqual({ allowed: false });
  });

  test('an effect that nobody knows denies, and no effect allows (contract §9)', () => {
    const rows = (effect: string | null) => [
      row('grant', 'User:1', 'Permission:customer', { action: 'manage' }),
      row('grant', 'User:1', 'Permission:customer', { action: 'read', effect }),
    ];
    expect(compilePolicies(ME, rows(null), []).decide(question).allowed).toBe(true);
    expect(compilePolicies(ME, rows('perhaps'), []).decide(question).allowed).toBe(false);
  });

  test('circles and chains of 20,000 roles are answered at once, and end after ten steps (faults, policy values)', () => {
    const chain = Array.from({ length: 20_000 }, (_, index) =>
      row('role_inherits', `Role:${index}`, `Role:${(index + 1) % 20_000}`),
    );
    const all = Array.from({ length: 20_000 }, (_, index) => `${index}`);
    const index = compilePolicies(
      ME,
      [
        row('assign_role', 'User:1', 'Role:0'),
        ...chain,
        row('grant', 'Role:9', 'Permission:customer', { action: 'read' }),
        row('grant', 'Role:10', 'Permission:order', { action: 'read' }),
      ],
      roles(...all),
    );
    expect(index.decide(question).allowed).toBe(true);
    expect(index.decide({ ...question, object: 'order' }).allowed).toBe(false);
  });
});

test('a decision names the row that made it and whose it is (contract §5)', () => {
  const allowed = row('grant', 'Role:1', 'Permission:customer', { action: 'write' });
  const denied = row('grant', 'User:1', 'Permission:customer', { action: 'delete', effect: 'deny' });
  const index = compilePolicies(ME, [row('assign_role', 'User:1', 'Role:1'), allowed, denied], roles('1'));
  const decide = (action: string) => index.decide({ domain: 'Merchant_1', object: 'customer', action });
  expect(decide('update')).toEqual({
    allowed: true,
    by: { policyId: allowed.id, holder: { type: 'Role', id: '1' } },
  });
  expect(decide('delete')).toEqual({ allowed: false, by: { policyId: denied.id, holder: ME } });
  expect(decide('read')).toEqual({ allowed: false });
});

test('rows of every variant of the contract are drawn by the property (style 10)', () => {
  const drawn = new Set(
    fc.sample(policies, { numRuns: 500, seed: 1 }).flatMap((rows) => rows.map(({ variant }) => variant)),
  );
  expect([...VARIANTS].filter((variant) => !drawn.has(variant))).toEqual([]);
});
