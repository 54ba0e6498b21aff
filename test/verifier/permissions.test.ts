import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createPermissions,
  IssuerUnavailable,
  type PermissionOptions,
  type PermissionQuestion,
  type PermissionStore,
  type Permissions,
} from '../../verifier/src/index.js';
import { createInvalidation } from '../../verifier/src/permissions/invalidation.js';
import { type PolicyIssuer, startPolicyIssuer } from '../stand-ins/policy-issuer.js';
import { until } from '../support/until.js';

const CHI = { type: 'User', id: '7' } as const;
const at = (merchant: string, extra: Partial<PermissionQuestion> = {}): PermissionQuestion => ({
  domain: `Merchant_${merchant}`,
  object: 'customer',
  action: 'read',
  ...extra,
});

let issuer: PolicyIssuer;
let opened: Permissions[];
let now: number;
beforeEach(async () => {
  issuer = await startPolicyIssuer();
  issuer.rights.add('User_7 Merchant_11 customer read');
  opened = [];
  now = 1_000_000;
});
afterEach(async () => {
  for (const permissions of opened) permissions.close();
  await issuer.close();
});

/** A sister's, that has read the feed's beginning and waits for a change. */
async function open(extra: Partial<PermissionOptions> = {}): Promise<Permissions> {
  const following = issuer.polled().then(() => issuer.polled());
  const permissions = createPermissions({
    base: issuer.url,
    service: { tokenEndpoint: `${issuer.url}/token`, name: 'sale', secret: 'secret' },
    monotonicNow: () => now,
    ...extra,
  });
  opened.push(permissions);
  expect(await permissions.ready).toBe(true);
  await following;
  return permissions;
}

/** Something happens of which the feed tells, and the sister has taken it. */
async function told(happen: () => void): Promise<void> {
  const taken = issuer.polled();
  happen();
  await taken;
}

function createStore(): PermissionStore & { held: Map<string, string>; broken: 'no' | 'throws' | 'hangs' } {
  const held = new Map<string, string>();
  const store = {
    held,
    broken: 'no' as 'no' | 'throws' | 'hangs',
    async get(key: string) {
      await isUsable();
      return held.get(key) ?? null;
    },
    async set(key: string, value: string) {
      await isUsable();
      held.set(key, value);
    },
  };
  const isUsable = () =>
    store.broken === 'hangs'
      ? new Promise<void>(() => undefined)
      : store.broken === 'throws'
        ? Promise.reject(new Error('away'))
        : Promise.resolve();
  return store;
}

describe('what is kept of permissions', () => {
  test('is asked once, and is about one subject, merchant, kind of thing and action alone (P2, contract §5)', async () => {
    const { check } = await open();
    expect([await check(CHI, at('11')), await check(CHI, at('11'))]).toEqual([true, true]);
    expect(issuer.checks).toHaveLength(1);
    expect(await check(CHI, at('12'))).toBe(false);
    expect(await check(CHI, at('11', { domain: 'Organizer_11' }))).toBe(false);
    expect(await check(CHI, at('11', { action: 'delete' }))).toBe(false);
    expect(await check(CHI, at('11', { object: 'order' }))).toBe(false);
    expect(await check({ type: 'User', id: '8' }, at('11'))).toBe(false);
    expect(issuer.checks).toHaveLength(6);
    expect(await check(CHI, at('11'))).toBe(true);
    expect(await check(CHI, at('12'))).toBe(false);
    expect(issuer.checks).toHaveLength(6);
  });

  test('is asked anew after a change of the subject, and nobody else’s is (P3)', async () => {
    const { check } = await open();
    issuer.rights.add('User_8 Merchant_11 customer read');
    await check(CHI, at('11'));
    await check({ type: 'User', id: '8' }, at('11'));
    await told(() => {
      issuer.rights.delete('User_7 Merchant_11 customer read');
      issuer.change('User', '7');
    });
    expect(await check(CHI, at('11'))).toBe(false);
    expect(await check({ type: 'User', id: '8' }, at('11'))).toBe(true);
    expect(issuer.checks.slice(2)).toEqual(['User_7 Merchant_11']);
  });

  test('is asked anew of everybody after a change of a role, a domain, or all (P3)', async () => {
    const { check } = await open();
    for (const [type, id] of [
      ['Role', '5'],
      ['Organizer', '2'],
      ['Platform', '*'],
    ] as const) {
      issuer.checks.length = 0;
      await check(CHI, at('11'));
      await told(() => issuer.change(type, id));
      await check(CHI, at('11'));
      expect(issuer.checks.length).toBeGreaterThan(0);
    }
  });

  test('counts again once one answer says that the subject’s version is the same (contract §5)', async () => {
    const { check } = await open();
    for (const merchant of ['11', '12', '13']) await check(CHI, at(merchant));
    await told(() => issuer.change('Role', '5'));
    for (const merchant of ['11', '12', '13']) await check(CHI, at(merchant));
    expect(issuer.checks.slice(3)).toEqual(['User_7 Merchant_11']);
  });

  test('is no answer that was on its way when the change came (P3)', async () => {
    const { check } = await open();
    const gate = issuer.hold();
    const late = check(CHI, at('11'));
    await gate.arrived;
    await told(() => {
      issuer.rights.clear();
      issuer.change('User', '7');
    });
    const later = check(CHI, at('11'));
    gate.open();
    expect([await late, await later]).toEqual([true, false]);
    expect(await check(CHI, at('11'))).toBe(false);
  });

  test('is not believed for longer than the bound after the feed was last heard (P3)', async () => {
    const { check } = await open({ maxStalenessS: 10 });
    await check(CHI, at('11'));
    now += 10_000;
    await check(CHI, at('11'));
    expect(issuer.checks).toHaveLength(1);
    now += 1;
    await check(CHI, at('11'));
    expect(issuer.checks).toHaveLength(2);
    await told(() => issuer.release()); // what was asked so long ago says nothing of now
    await check(CHI, at('11'));
    expect(issuer.checks).toHaveLength(3);
    await told(() => issuer.release());
    await check(CHI, at('11')); // now the feed has said that nothing has changed all the while
    expect(issuer.checks).toHaveLength(3);
  });

  test('is refused with 503 when the feed is lost beyond the bound and nobody answers (D8)', async () => {
    const { check } = await open({ timeoutMs: 2000 });
    await check(CHI, at('11'));
    issuer.trouble = { check: 'error', changes: 'error', token: 'error' };
    expect(await check(CHI, at('11'))).toBe(true);
    now += 10_001;
    for (const trouble of ['error', 'hang', 'html', 'nonsense', 'refused'] as const) {
      issuer.trouble.check = trouble;
      await expect(check(CHI, at('11'))).rejects.toThrow(IssuerUnavailable);
    }
  });

  test('is not confirmed by a page that is not the last (P3, D7)', () => {
    const invalidation = createInvalidation({ maxStalenessS: 10, monotonicNow: () => now });
    invalidation.take({ changes: [], cursor: '100', more: false }, now);
    now += 10_001;
    invalidation.take({ changes: [], cursor: '100', more: true }, now);
    expect(invalidation.isCurrent('User_7', 100, 0)).toBe(false);
    invalidation.take({ changes: [], cursor: '100', more: false }, now);
    expect(invalidation.isCurrent('User_7', 100, 0)).toBe(true);
  });

  test('of more subjects than are remembered is asked anew of all (P3)', () => {
    const invalidation = createInvalidation({ maxStalenessS: 10, monotonicNow: () => now });
    invalidation.take({ changes: [], cursor: '100', more: false }, now);
    const changes = Array.from({ length: 50_001 }, (_, index) => ({
      subjectType: 'User',
      subjectId: `${index}`,
      policyVersion: 101 + index,
    }));
    invalidation.take({ changes, cursor: '50101', more: false }, now);
    expect(['User_5', 'User_x'].map((who) => invalidation.isCurrent(who, 50_100, 0))).toEqual([false, false]);
    expect(invalidation.isCurrent('User_5', 50_101, 0)).toBe(true);
  });

  test('is read on from the cursor after a break, and nothing is skipped (D7)', async () => {
    const { check } = await open();
    await check(CHI, at('11'));
    issuer.trouble.changes = 'error';
    await told(() => issuer.release());
    await issuer.polled();
    issuer.rights.clear();
    issuer.change('User', '7');
    issuer.trouble.changes = 'none';
    await issuer.polled();
    await issuer.polled();
    expect(await check(CHI, at('11'))).toBe(false);
  });

  test('is forgotten when the issuer’s database was put back to an earlier state (P3)', async () => {
    const store = createStore();
    const { check } = await open({ store });
    await told(() => issuer.change('User', '7'));
    issuer.rights.add('User_7 Merchant_12 customer read');
    for (const merchant of ['11', '12']) expect(await check(CHI, at(merchant))).toBe(true);
    await told(() => {
      issuer.rights.clear();
      issuer.putBack(100);
    });
    await told(() => issuer.change('User', '7')); // another change, counted as the one before
    for (const merchant of ['11', '12']) expect(await check(CHI, at(merchant))).toBe(false);
  });
});

describe('many at once', () => {
  test('who ask the same wait for one answer (faults)', async () => {
    const { check } = await open();
    const answers = await Promise.all(Array.from({ length: 1000 }, () => check(CHI, at('11'))));
    expect(new Set(answers)).toEqual(new Set([true]));
    expect(issuer.checks).toHaveLength(1);
  });

  test('who ask for different things are no more than 32 calls at once (faults)', async () => {
    const { check } = await open({ timeoutMs: 20_000 });
    const gate = issuer.hold();
    const all = Array.from({ length: 300 }, (_, index) => check(CHI, at(`${index}`)));
    await until('32 questions have not come', async () => issuer.checks.length >= 32);
    for (let round = 0; round < 3; round += 1) await told(() => issuer.release()); // others would come meanwhile
    expect(issuer.checks).toHaveLength(32);
    gate.open();
    await Promise.all(all);
    expect(issuer.checks).toHaveLength(300);
    expect(issuer.tokens).toBe(1);
  });

  test('are refused in time when no answer comes, turn or no turn (D8)', async () => {
    const { check } = await open({ timeoutMs: 2000 });
    issuer.trouble.check = 'hang';
    const all = Array.from({ length: 100 }, (_, index) => check(CHI, at(`${index}`)));
    const outcomes = await Promise.allSettled(all);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    issuer.trouble.check = 'none';
    expect(await check(CHI, at('11'))).toBe(true);
  });
});

describe('a store that replicas share', () => {
  test('answers for the same version of the subject, and no other (contract §5)', async () => {
    const store = createStore();
    const [one, other] = [await open({ store }), await open({ store })];
    for (const merchant of ['11', '12', '13']) await one.check(CHI, at(merchant));
    const first = await other.check(CHI, at('11')); // which tells the version
    expect([first, await other.check(CHI, at('12')), await other.check(CHI, at('13'))]).toEqual([
      true,
      false,
      false,
    ]);
    expect(issuer.checks).toHaveLength(4);
    await told(() => {
      issuer.rights.add('User_7 Merchant_12 customer read');
      issuer.change('User', '7');
    });
    await other.check(CHI, at('11'));
    expect(await other.check(CHI, at('12'))).toBe(true);
  });

  test('that is away or hangs costs the answer nothing but time (D8)', async () => {
    for (const broken of ['throws', 'hangs'] as const) {
      const store = createStore();
      store.broken = broken;
      const { check } = await open({ store });
      expect([await check(CHI, at('11')), await check(CHI, at('12'))]).toEqual([true, false]);
    }
  });
});

describe('a token’s bearer', () => {
  const person = { token_type: 'platform', userId: '7', sub: '7', session_id: '1' } as never;
  const branch = {
    token_type: 'workspace',
    userId: '7',
    sub: '7',
    session_id: '1',
    active_branch_id: '11',
  } as never;

  test('may by a branch’s token what they may in that branch, and nothing elsewhere (contract §1)', async () => {
    const { may } = await open();
    issuer.rights.add('User_7 Merchant_12 customer read');
    expect([await may(person, at('11')), await may(person, at('12'))]).toEqual([true, true]);
    expect([await may(branch, at('11')), await may(branch, at('12'))]).toEqual([true, false]);
    expect(await may(branch, { ...at('11'), domain: 'Platform' })).toBe(false);
  });

  test('may at a merchant’s bare id what they may there, and nothing where no domain is (contract §5)', async () => {
    const { may } = await open();
    expect([await may(branch, { ...at('11'), domain: '11' }), await may(person, at('11'))]).toEqual([
      true,
      true,
    ]);
    expect(issuer.checks).toEqual(['User_7 Merchant_11']);
    for (const domain of ['', '*', 'Shop_11', 'Merchant_'])
      expect(await may(person, { ...at('11'), domain })).toBe(false);
    expect(issuer.checks).toHaveLength(1);
  });

  test('who is a service may nothing as a person (P2)', async () => {
    const { may } = await open();
    issuer.rights.add('User_undefined Merchant_11 customer read');
    expect(await may({ token_type: 'system', sub: 'service:sale' } as never, at('11'))).toBe(false);
    expect(issuer.checks).toEqual([]);
  });
});

test('options that could ask nobody are refused at the start (T10)', () => {
  const service = { tokenEndpoint: 'http://127.0.0.1:9/token', name: 'sale', secret: 's' };
  const good = { base: 'http://127.0.0.1:9', service };
  for (const bad of [
    { ...good, base: 'id.example.com' },
    { ...good, base: 'https://id.example.com/?x' },
    { ...good, service: { ...service, secret: '' } },
    { ...good, maxStalenessS: 1 },
    { ...good, maxStalenessS: Number.NaN },
    { ...good, timeoutMs: 0 },
  ])
    expect(() => createPermissions(bad)).toThrow(TypeError);
});
