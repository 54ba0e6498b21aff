import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_MERCHANTS, DEMO_PEOPLE, DEMO_SERVICE } from '../../embedded/demo-data.js';
import { type IdentityDatabase, openIdentityDatabase, SisterUnavailable } from '../../src/sister.js';
import { requirePermission } from '../../verifier/src/express/index.js';
import { assignRole, createWorkspace, newId } from '../support/branches.js';
import { bearer, signIn } from '../support/call.js';
import { createShop, customersOf } from '../support/customers.js';
import { queryAs, sql } from '../support/database.js';
import { createPerson } from '../support/people.js';
import { createPermission, createRole, policies, writeRow } from '../support/policies.js';
import { startService, type TestService } from '../support/service.js';
import { basic } from '../support/services.js';
import { sisterDatabaseUrl } from '../support/sister-database.js';
import { until } from '../support/until.js';

const [admin, owner, cashier] = DEMO_PEOPLE;
const [hoGuom, benThanh] = DEMO_MERCHANTS.map(({ id }) => id) as [string, string];
const sale = basic(DEMO_SERVICE.name, DEMO_SERVICE.secret);

let service: TestService;
let url: string;
let identity: IdentityDatabase;
beforeAll(async () => {
  service = await startService();
  url = await sisterDatabaseUrl();
  identity = openIdentityDatabase({ url });
});
afterAll(async () => {
  await identity?.close();
  await service.stop();
});

describe('what a sister may do with the database', () => {
  test('is to read: nothing of it can be written, and of people only whether they are active (P1, D12)', async () => {
    const as = (text: string) => queryAs(url, text);
    for (const table of ['Customer', 'User', 'Role', 'Permission', 'PolicyEpoch', 'Merchant', 'Organizer'])
      for (const text of [
        `DELETE FROM identity."${table}"`,
        `INSERT INTO identity."${table}" DEFAULT VALUES`,
        `TRUNCATE identity."${table}"`,
      ])
        await expect(as(text)).rejects.toThrow(/permission denied/);
    await expect(as(`UPDATE identity."Customer" SET note = ''`)).rejects.toThrow(/permission denied/);
    await expect(as('SELECT email FROM identity."User"')).rejects.toThrow(/permission denied/);
    await expect(as('SELECT name FROM identity."Organizer"')).rejects.toThrow(/permission denied/);
    await expect(as('SELECT * FROM identity."AuthSession"')).rejects.toThrow(/permission denied/);
  });

  test('is to see no customer and no place without naming a tenant (P9)', async () => {
    const shop = await createShop(service);
    await shop.api.create({ merchantId: shop.merchantId, displayName: 'Chi' });
    const count = `SELECT count(*)::int AS seen FROM identity."Customer" WHERE merchant_id = '${shop.merchantId}'`;
    expect(await queryAs(url, count)).toEqual([{ seen: 0 }]);
    expect(await queryAs(url, 'SELECT id FROM identity."Merchant"')).toEqual([]);
  });

  test('is to call no function that has its owner’s rights but two (D12)', async () => {
    const callable = await sql<{ name: string }>(
      `SELECT proname AS name FROM pg_proc WHERE pronamespace = 'identity'::regnamespace AND prosecdef
         AND prorettype <> 'trigger'::regtype AND has_function_privilege('nx_sister', oid, 'EXECUTE') ORDER BY 1`,
    );
    expect(callable.map(({ name }) => name)).toEqual(['customer_place', 'search_customers']);
  });
});

describe('the repository of policies', () => {
  const questions = [hoGuom, benThanh].flatMap((merchant) =>
    (['create', 'read', 'update', 'delete', 'execute', 'write', 'manage'] as const).flatMap((action) =>
      ['customer', 'policy', 'nothing'].map((object) => ({ domain: `Merchant_${merchant}`, object, action })),
    ),
  );

  test('answers what HTTP answers, reasons and version included (P1, P2)', async () => {
    for (const { id } of [admin, owner, cashier, { id: newId() }]) {
      const subject = { type: 'User', id };
      const { body } = await policies(service).check(sale, questions, subject);
      const { results, policyVersion } = await identity.policies.check(subject, questions);
      expect({ results, policyVersion }).toEqual({
        results: body.results,
        policyVersion: body.policyVersion,
      });
    }
  });

  test('is what the kit’s guard takes, as it takes its own permissions (T10)', () => {
    const guard = requirePermission('customer', 'read', { permissions: identity.policies, domain: 'id' });
    expect(guard).toBeInstanceOf(Function);
  });

  test('lets a cashier do what their role says at their merchant and nothing at the other one (P2)', async () => {
    const may = (domain: string, action: 'read' | 'delete' | 'execute', object = 'customer') =>
      identity.policies.may({ userId: cashier.id }, { domain, object, action });
    expect([await may(hoGuom, 'read'), await may(`Merchant_${hoGuom}`, 'delete')]).toEqual([true, true]);
    expect([await may(hoGuom, 'execute'), await may(hoGuom, 'read', 'policy')]).toEqual([false, false]);
    expect([await may(benThanh, 'read'), await may('Platform', 'read')]).toEqual([false, false]);
  });

  test('holds a branch’s token to its branch, and knows no person in a service’s (contract §1)', async () => {
    const ask = { object: 'customer', action: 'read' } as const;
    const branch = { userId: owner.id, active_branch_id: hoGuom };
    expect(await identity.policies.may(branch, { ...ask, domain: hoGuom })).toBe(true);
    expect(await identity.policies.may(branch, { ...ask, domain: benThanh })).toBe(false);
    expect(await identity.policies.may({ userId: owner.id }, { ...ask, domain: benThanh })).toBe(true);
    expect(await identity.policies.may({}, { ...ask, domain: hoGuom })).toBe(false);
  });

  test('notices what is taken away, by SQL too, within a second or so (P3)', async () => {
    const [person, { object, id }, role] = [newId(), await createPermission(), await createRole()];
    await sql(
      `INSERT INTO identity."User" (id, keycloak_id, username, display_name) VALUES ($1, $1, $1, 'Somebody')`,
      [person],
    );
    await writeRow('assign_role', ['User', person], ['Role', role.id]);
    const grant = await writeRow('grant', ['Role', role.id], ['Permission', id]);
    const may = () => identity.policies.may({ userId: person }, { domain: hoGuom, object, action: 'read' });
    expect(await until('the right has not come', may)).toBe(true);
    await sql('DELETE FROM public."PolicyDefinition" WHERE id = $1', [grant]);
    await until('the right is still there', async () => !(await may()), 3000);
  });

  test('refuses what is no question, and what it cannot look up (D8)', async () => {
    const ask = { object: 'customer', action: 'read' } as const;
    const odd = ['Shop_1', '*', 'Merchant_', 'Merchant_1 OR 1=1'];
    for (const domain of odd) {
      const asked = { ...ask, domain };
      await expect(identity.policies.may({ userId: admin.id }, asked)).rejects.toThrow('Invalid');
      await expect(identity.policies.check({ type: 'User', id: admin.id }, [asked])).rejects.toThrow(
        'Invalid',
      );
    }
    const away = openIdentityDatabase({ url: 'postgresql://nobody@127.0.0.1:1/nx' });
    const asked = away.policies.may({ userId: admin.id }, { ...ask, domain: hoGuom });
    await expect(asked).rejects.toThrow(SisterUnavailable);
    await expect(away.customers.get({ userId: owner.id }, '1')).rejects.toThrow(SisterUnavailable);
    await away.close();
  });
});

describe('the repository of customers', () => {
  /** A tenant with two merchants and customers at both, and a person who may read those of the first. */
  async function createReader() {
    const shop = await createShop(service, 2);
    const [first, second] = shop.merchantIds as [string, string];
    for (const merchantId of [first, second])
      for (const displayName of ['Đặng Thị Bưởi', 'Lê Chi', 'Nguyễn Văn Đức'])
        await shop.api.create({ merchantId, displayName, note: 'x', tags: ['a'] });
    await shop.api.create({ merchantId: first, displayName: 'Số Điện Thoại', phone: '0901234567' });
    const { accessToken, user } = (await signIn(service, await createPerson())).body;
    await assignRole(user.id, '100_cashier', `Merchant_${first}`);
    const claims = { userId: user.id as string };
    const isHeld = () => identity.policies.may(claims, { domain: first, object: 'customer', action: 'read' });
    await until('the right has not come', isHeld);
    const http = customersOf(service, bearer(accessToken));
    await until(
      'the right has not come',
      async () => (await http.list({ merchantId: first })).status === 200,
    );
    return { shop, first, second, http, claims };
  }

  test('answers what HTTP answers: pages, searches, one by one, and what is not there (P4)', async () => {
    const { shop, first, second, http, claims } = await createReader();
    for (const query of [
      {},
      { q: 'buoi' },
      { q: '+84 90 123 45 67' },
      { q: 'NGUYEN duc' },
      { q: 'nobody' },
      { limit: '2', offset: '1' },
    ]) {
      const over = await http.list({ merchantId: first, ...query });
      const read = await identity.customers.search(claims, { merchantId: first, ...query });
      expect(read?.customers).toEqual(over.body);
      expect(over.headers.get('content-range')).toMatch(new RegExp(`/${read?.total}$`));
    }
    const [own] = (await http.list({ merchantId: first })).body;
    const [other] = (await shop.api.list({ merchantId: second })).body;
    expect(await identity.customers.get(claims, own.id)).toEqual((await http.get(own.id)).body);
    expect((await http.get(other.id)).status).toBe(404);
    for (const id of [other.id, '1', 'x', "1'"])
      expect([id, await identity.customers.get(claims, id)]).toEqual([id, undefined]);
  });

  test('shows nothing of another merchant, another tenant, or beside a branch (P9, contract §1)', async () => {
    const { first, second, claims } = await createReader();
    const elsewhere = (await createWorkspace(1)).branches[0]?.id as string;
    for (const merchantId of [second, elsewhere, '1'])
      expect(await identity.customers.search(claims, { merchantId })).toBeUndefined();
    const branch = { ...claims, active_branch_id: second };
    expect(await identity.customers.search(branch, { merchantId: first })).toBeUndefined();
    expect(await identity.customers.search({}, { merchantId: first })).toBeUndefined();
    const found = await identity.customers.search(claims, { merchantId: first });
    expect(found?.customers.map(({ merchantId }) => merchantId)).toEqual([first, first, first, first]);
    await expect(identity.customers.search(claims, { merchantId: first, limit: 201 })).rejects.toThrow();
  });
});
