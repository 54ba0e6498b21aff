import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { purgeExpired } from '../../src/database/purge-expired.js';
import { BASE, bearer, call, postForm } from '../support/call.js';
import { createShop, customersOf, grantedService } from '../support/customers.js';
import { sql, worker } from '../support/database.js';
import { startService, type TestService } from '../support/service.js';
import { revoke } from '../support/services.js';

let service: TestService;
let shop: Awaited<ReturnType<typeof createShop>>;
let other: Awaited<ReturnType<typeof createShop>>;
beforeAll(async () => {
  service = await startService();
  [shop, other] = [await createShop(service, 2), await createShop(service)];
});
afterAll(() => service.stop());

const make = async (values: object = {}) =>
  (await shop.api.create({ merchantId: shop.merchantId, displayName: 'Ai đó', ...values })).body;
const newNumber = () => `+8490${String(Math.floor(Math.random() * 1e7)).padStart(7, '0')}`;

describe('a customer', () => {
  test('is made, read with an ETag, changed, and deleted for everybody (P4)', async () => {
    const phone = newNumber();
    const said = {
      merchantId: shop.merchantId,
      code: 'KH-1',
      displayName: '  Trần Thị Ánh ',
      phone: phone.replace('+84', '0').replace(/(\d{4})(\d{3})/, '$1 $2.'),
      email: 'Anh@Example.test',
      birthday: '1990-02-28',
      note: 'thích cà phê\nít đường',
      tags: ['vip', 'vip', 'quen'],
    };
    const made = await shop.api.create(said);
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      ...said,
      id: expect.stringMatching(/^\d+$/),
      displayName: 'Trần Thị Ánh',
      phone,
      email: 'anh@example.test',
      tags: ['vip', 'quen'],
      version: 1,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.any(String),
    });
    expect(made.headers.get('location')).toBe(`${BASE}/customers/${made.body.id}`);
    const found = await shop.api.get(made.body.id);
    expect([found.status, found.headers.get('etag'), found.body]).toEqual([200, '"1"', made.body]);
    expect((await shop.api.get(made.body.id, { 'if-none-match': '"1"' })).status).toBe(304);
    const changed = await shop.api.patch(made.body.id, { note: null, displayName: 'Ánh' }, '"1"');
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
    const { note: _note, ...rest } = made.body;
    expect(changed.body).toEqual({ ...rest, displayName: 'Ánh', version: 2, updatedAt: expect.any(String) });
    expect((await shop.api.remove(made.body.id)).status).toBe(204);
    expect((await shop.api.get(made.body.id)).body.code).toBe('customer.not_found');
    expect((await shop.api.remove(made.body.id)).status).toBe(404);
    expect((await shop.api.create(said)).status).toBe(201); // phone and code are free again
  });

  test('has a phone number and a code that no other of the merchant has, at the same instant too (contract §6)', async () => {
    const phone = newNumber();
    const spellings = [phone, phone.replace('+84', '0'), phone.replace('+', '00'), phone];
    const answers = await Promise.all(
      spellings.map((spelling) =>
        shop.api.create({ merchantId: shop.merchantId, displayName: 'X', phone: spelling }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('customer.phone_taken');
    const [, second] = shop.merchantIds as [string, string];
    expect((await shop.api.create({ merchantId: second, displayName: 'X', phone })).status).toBe(201);
    const { code } = await make();
    const again = await shop.api.create({ merchantId: shop.merchantId, displayName: 'X', code });
    expect([again.status, again.body.code]).toEqual([409, 'customer.code_taken']);
    expect((await shop.api.patch((await make()).id, { code })).status).toBe(409);
  });

  test('is changed by one of those who change the same version: the others get 412 (contract §6)', async () => {
    const { id } = await make();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => shop.api.patch(id, { note: `${index}` }, '"1"')),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(412)]);
    expect((await shop.api.get(id)).body.version).toBe(2);
    for (const stale of ['"1"', 'W/"2"', '2', '"x"']) {
      expect([stale, (await shop.api.patch(id, { note: 'x' }, stale)).status]).toEqual([stale, 412]);
      expect((await shop.api.remove(id, stale)).status).toBe(412);
    }
    expect((await shop.api.patch(id, { note: 'x' }, '"9", "2"')).status).toBe(200);
    expect((await shop.api.patch(id, { note: 'y' })).body.version).toBe(4);
    expect((await shop.api.remove(id, '*')).status).toBe(204);
  });

  test.each([
    [{ displayName: '' }],
    [{ displayName: 'a\u0000b' }],
    [{ displayName: 'x', phone: 'none' }],
    [{ displayName: 'x', phone: ['+84901000001'] }],
    [{ displayName: 'x', email: 'nobody' }],
    [{ displayName: 'x', birthday: '1990-02-30' }],
    [{ displayName: 'x', tags: ['a\nb'] }],
    [{ displayName: 'x', tenantId: '1' }],
    [{ displayName: 'x', id: '1' }],
    [{ displayName: 'x', version: 3 }],
    [{ displayName: 'x', note: '\u001b[31m' }],
  ])('with %j is 422 (hostile input)', async (values) => {
    const answer = await shop.api.create({ merchantId: shop.merchantId, ...values });
    expect([answer.status, answer.body.code]).toEqual([422, 'request.validation_failed']);
  });

  test('is told of in the audit trail without its values (P12)', async () => {
    const { id } = await make({ displayName: 'Bí mật', phone: newNumber() });
    await shop.api.patch(id, { note: 'Bí mật' });
    await shop.api.remove(id);
    const trail = await sql<{ action: string }>(
      `SELECT action, actor_type, actor_id, tenant_id, after FROM identity."AuditEvent" WHERE subject_id = $1 ORDER BY id`,
      [id],
    );
    const { merchantId, granted } = shop;
    const row = { actor_type: 'service', actor_id: granted.id, tenant_id: shop.workspace.tenantId };
    expect(trail).toEqual([
      { ...row, action: 'customer.created', after: { merchantId } },
      { ...row, action: 'customer.updated', after: { merchantId, fields: ['note'], version: 2 } },
      { ...row, action: 'customer.deleted', after: { merchantId } },
    ]);
  });
});

describe('a request with an Idempotency-Key', () => {
  const keyed = (key: string, displayName = 'X') =>
    shop.api.create({ merchantId: shop.merchantId, displayName }, { 'idempotency-key': key });

  test('makes one customer, sent eight times at once and again later; another payload is 422 (hostile input)', async () => {
    const key = crypto.randomUUID();
    const answers = await Promise.all(Array.from({ length: 8 }, () => keyed(key)));
    answers.push(await keyed(key));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    const differs = await keyed(key, 'Y');
    expect([differs.status, differs.body.code]).toEqual([422, 'customer.key_reused']);
    expect((await keyed('a b')).status).toBe(422);
  });

  test('that failed may be sent again, and a key is its caller’s own', async () => {
    const [key, phone] = [crypto.randomUUID(), newNumber()];
    const create = () =>
      shop.api.create({ merchantId: shop.merchantId, displayName: 'X', phone }, { 'idempotency-key': key });
    const { id } = await make({ phone });
    expect((await create()).status).toBe(409);
    await shop.api.remove(id);
    const made = await create();
    expect(made.status).toBe(201);
    const colleague = customersOf(service, (await grantedService([shop.merchantId])).headers);
    const theirs = await colleague.create(
      { merchantId: shop.merchantId, displayName: 'Z' },
      { 'idempotency-key': key },
    );
    expect([theirs.status, theirs.body.displayName]).toEqual([201, 'Z']);
  });

  test('is new after 24 hours, and the worker forgets the key (X3)', async () => {
    const [kept, taken] = [crypto.randomUUID(), crypto.randomUUID()];
    const first = await keyed(taken);
    await keyed(kept);
    await sql(
      `UPDATE identity."IdempotencyKey" SET expires_at = now() - interval '1 second' WHERE key = ANY($1)`,
      [[kept, taken]],
    );
    expect((await keyed(taken, 'another')).body.id).not.toBe(first.body.id);
    await purgeExpired(worker);
    const left = await sql(`SELECT key FROM identity."IdempotencyKey" WHERE key = ANY($1)`, [[kept, taken]]);
    expect(left).toEqual([{ key: taken }]);
  });
});

describe('search', () => {
  let found: (q: string) => Promise<string[]>;
  beforeAll(async () => {
    const { api, merchantId } = await createShop(service);
    for (const [displayName, phone, code, email] of [
      ['Nguyễn Văn Đức', '+84901234567', 'DUC', 'duc@example.test'],
      ['Nguyễn Thị Ánh Tuyết', '+84321234567', 'KH-100%', null],
      ['Đặng Đình Đạt', '+12025550123', 'D_T', null],
      ['ÔNG ÚT', null, 'ut', null],
    ]) {
      expect((await api.create({ merchantId, displayName, phone, code, email })).status).toBe(201);
    }
    found = async (q) =>
      (await api.list({ merchantId, q })).body.map(({ code }: { code: string }) => code).sort();
  });

  test.each([
    ['nguyen', ['DUC', 'KH-100%']],
    ['NGUYỄN  van', ['DUC']],
    ['duc nguyen', ['DUC']],
    ['dang dinh dat', ['D_T']],
    ['đặng', ['D_T']],
    ['anh tuyet', ['KH-100%']],
    ['anh tuye\u0302\u0301t', ['KH-100%']],
    ['on', ['ut']],
    ['ut', []],
    ['ong ut', ['ut']],
    ['100%', ['KH-100%']],
    ['%%%', []],
    ['___', []],
    ['d_t', ['D_T']],
    ["'; DROP TABLE", []],
    ['\\', []],
    ['duc@exa', ['DUC']],
    ['0901234567', ['DUC']],
    ['+84 901 234 567', ['DUC']],
    ['0084-90-1234567', ['DUC']],
    ['(090) 123.4567', ['DUC']],
    ['84901234567', ['DUC']],
    ['０９０１２３４５６７', ['DUC']],
    ['0901 23', ['DUC']],
    ['+84901', ['DUC']],
    ['234567', ['DUC', 'KH-100%']],
    ['0162 123 4567', ['KH-100%']],
    ['+1 202 555 0123', ['D_T']],
    ['', ['DUC', 'D_T', 'KH-100%', 'ut']],
  ])('for %j finds %j: no accents, any spelling of a phone number (contract §6)', async (q, codes) => {
    expect(await found(q)).toEqual([...codes].sort());
  });

  test('answers a bare array by pages, in the order of names, with Content-Range and X-Response-Count (contract §6)', async () => {
    const { api, merchantId } = await createShop(service);
    const names = ['Đỗ An', 'Ấn', 'Bình', 'do b', 'Chi'];
    for (const displayName of names) await api.create({ merchantId, displayName });
    const page = async (query: object) => {
      const { body, headers } = await api.list({ merchantId, ...query });
      return [
        body.map(({ displayName }: { displayName: string }) => displayName),
        headers.get('content-range'),
        headers.get('x-response-count'),
      ];
    };
    expect(await page({ limit: '2' })).toEqual([['Ấn', 'Bình'], 'records 0-1/5', '2']);
    expect(await page({ limit: '2', offset: '2' })).toEqual([['Chi', 'Đỗ An'], 'records 2-3/5', '2']);
    expect(await page({ offset: '4' })).toEqual([['do b'], 'records 4-4/5', '1']);
    expect(await page({ offset: '5' })).toEqual([[], 'records */5', '0']);
    expect(await page({ q: 'khong ai' })).toEqual([[], 'records */0', '0']);
    expect(await page({ q: 'd', limit: '1' })).toEqual([['Đỗ An'], 'records 0-0/2', '1']);
    for (const bent of [
      { limit: '0' },
      { limit: '201' },
      { offset: '-1' },
      { x: '1' },
      { q: 'x'.repeat(201) },
    ]) {
      expect((await api.list({ merchantId, ...bent })).status).toBe(422);
    }
  });
});

describe('the other tenant', () => {
  test('is 404 by every id, in path, query and body, and in several at once (P9, hostile input)', async () => {
    const mine = await make();
    const theirs = (await other.api.create({ merchantId: other.merchantId, displayName: 'Y' })).body;
    const { api } = shop;
    const answers = {
      get: await api.get(theirs.id),
      patch: await api.patch(theirs.id, { note: 'x' }),
      remove: await api.remove(theirs.id),
      erase: await api.act(theirs.id, 'erase'),
      list: await api.list({ merchantId: other.merchantId }),
      create: await api.create({ merchantId: other.merchantId, displayName: 'X' }),
      'merge theirs into mine': await api.act(mine.id, 'merge', { otherId: theirs.id }),
      'merge mine into theirs': await api.act(theirs.id, 'merge', { otherId: mine.id }),
      'merge theirs into theirs': await api.act(theirs.id, 'merge', { otherId: theirs.id }),
      nobody: await api.get('1'),
      'no id': await api.get('x%00y'),
      'no merchant': await api.list({ merchantId: '1' }),
    };
    for (const [name, answer] of Object.entries(answers)) expect([name, answer.status]).toEqual([name, 404]);
    const { requestId: _one, ...foreign } = answers.get.body;
    const { requestId: _two, ...unknown } = answers.nobody.body;
    expect(foreign).toEqual(unknown);
    expect((await other.api.get(theirs.id)).body.version).toBe(1);
    const patched = await api.patch(mine.id, { merchantId: other.merchantId });
    expect(patched.status).toBe(422);
  });

  test('is in no row that the application role can read or write, whatever it says in its own name (P9)', async () => {
    const theirs = (await other.api.create({ merchantId: other.merchantId, displayName: 'Y' })).body;
    const { database } = service.infrastructure;
    const { tenantId } = shop.workspace;
    const rows = (text: string, values: unknown[] = []) =>
      database.transaction((one) => one.query(text, values), { tenantId });
    expect(await database.query('SELECT id FROM identity."Customer"')).toEqual([]);
    expect(await rows('SELECT id FROM identity."Customer" WHERE id = $1', [theirs.id])).toEqual([]);
    expect(
      await rows(`UPDATE identity."Customer" SET note = 'x' WHERE id = $1 RETURNING id`, [theirs.id]),
    ).toEqual([]);
    expect(
      await rows(`SELECT * FROM identity.search_customers($1, '', NULL, 10, 0, 10)`, [other.merchantId]),
    ).toEqual([{ ids: null, total: 0 }]);
    await expect(
      rows(
        `INSERT INTO identity."Customer" (id, tenant_id, merchant_id, code, display_name) VALUES ('z', $1, $2, 'z', 'z')`,
        [other.workspace.tenantId, other.merchantId],
      ),
    ).rejects.toThrow(/row-level security/);
    await expect(
      rows(
        `INSERT INTO identity."Customer" (id, tenant_id, merchant_id, code, display_name) VALUES ('z', $1, $2, 'z', 'z')`,
        [tenantId, other.merchantId],
      ),
    ).rejects.toThrow(/foreign key/);
  });
});

describe('a service', () => {
  test('may do what a grant names at the merchant that it names, and nothing without one (P4, P5)', async () => {
    const { id } = await make();
    const reader = customersOf(
      service,
      (await grantedService([shop.merchantId], ['customers.read'])).headers,
    );
    expect((await reader.get(id)).status).toBe(200);
    const refused = await reader.create({ merchantId: shop.merchantId, displayName: 'X' });
    expect([refused.status, refused.body.code]).toEqual([403, 'service.call_not_granted']);
    const nobody = customersOf(service, (await grantedService([])).headers);
    expect((await nobody.get(id)).status).toBe(403);
    const both = await grantedService([other.merchantId]);
    await sql(
      `INSERT INTO identity."ServiceGrant" (id, service_id, call, merchant_id) VALUES ($1, $2, 'customers.read', $3)`,
      [`x${both.id}`, both.id, shop.merchantId],
    );
    const mixed = customersOf(service, both.headers);
    expect((await mixed.get(id)).status).toBe(200);
    const change = await mixed.patch(id, { note: 'x' });
    expect([change.status, change.body.code]).toEqual([403, 'customer.not_permitted']);
  });

  test('is refused with one 401 for a wrong secret, and through a proxy (P5)', async () => {
    const { id } = await make();
    const wrong = await customersOf(service, { authorization: 'Basic eDp5' }).get(id);
    expect([wrong.status, wrong.body.code]).toEqual([401, 'service.refused']);
    expect(wrong.headers.get('www-authenticate')).toContain('Basic');
    const proxied = await shop.api.get(id, { 'x-forwarded-for': '203.0.113.1' });
    expect([proxied.status, proxied.body.code]).toEqual([401, 'service.refused']);
    const none = await customersOf(service, {}).get(id);
    expect([none.status, none.body.code]).toEqual([401, 'token.missing']);
  });

  test('may show a system token made for this service instead, until its credential is revoked (contract §6)', async () => {
    const { id } = await make();
    const granted = await grantedService([shop.merchantId]);
    const tokenFor = async (audience: string) =>
      (
        await postForm(
          `${service.url}${BASE}/auth/token`,
          { grant_type: 'client_credentials', audience },
          granted.headers,
        )
      ).body.access_token as string;
    const token = await tokenFor('nx-identity');
    const api = customersOf(service, bearer(token));
    expect((await api.get(id)).status).toBe(200);
    expect((await api.get(id, { 'x-forwarded-for': '203.0.113.1' })).status).toBe(200); // a token may come from anywhere
    const own = customersOf(service, bearer(await tokenFor(granted.name)));
    expect((await own.get(id)).status).toBe(401); // made for itself
    expect((await call(`${service.url}${BASE}/auth/who-am-i`, { headers: bearer(token) })).status).toBe(401);
    await revoke(granted.credential);
    expect((await api.get(id)).status).toBe(401);
  });

  test('finds nothing at a merchant or an organizer that is suspended', async () => {
    const { api, merchantId, workspace } = await createShop(service);
    const { id } = (await api.create({ merchantId, displayName: 'X' })).body;
    await sql(`UPDATE identity."Merchant" SET status = 'SUSPENDED' WHERE id = $1`, [merchantId]);
    expect((await api.get(id)).status).toBe(404);
    await sql(`UPDATE identity."Merchant" SET status = 'ACTIVE' WHERE id = $1`, [merchantId]);
    await sql(`UPDATE identity."Organizer" SET status = 'SUSPENDED' WHERE id = $1`, [workspace.id]);
    expect((await api.list({ merchantId })).status).toBe(404);
  });
});

describe('two records of one person', () => {
  test('become one: it takes what it lacks, and the other is gone', async () => {
    const [phone, email] = [newNumber(), 'x@example.test'];
    const kept = await make({ displayName: 'Kept', note: 'a', tags: ['x'], email });
    const lost = await make({ displayName: 'Lost', note: 'b', tags: ['y'], phone, email: 'y@example.test' });
    const merged = await shop.api.act(kept.id, 'merge', { otherId: lost.id });
    expect(merged.body).toMatchObject({
      id: kept.id,
      displayName: 'Kept',
      phone,
      email,
      note: 'a\nb',
      tags: ['x', 'y'],
      version: 2,
    });
    expect((await shop.api.get(lost.id)).status).toBe(404);
    expect((await shop.api.act(kept.id, 'merge', { otherId: kept.id })).status).toBe(404);
    const [, second] = shop.merchantIds;
    const elsewhere = (await shop.api.create({ merchantId: second, displayName: 'E' })).body;
    expect((await shop.api.act(kept.id, 'merge', { otherId: elsewhere.id })).status).toBe(404);
  });

  test('merged both ways at once, one stays', async () => {
    const [one, two] = [await make(), await make()];
    const answers = await Promise.all([
      shop.api.act(one.id, 'merge', { otherId: two.id }),
      shop.api.act(two.id, 'merge', { otherId: one.id }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404]);
  });
});

describe('somebody who wants to be forgotten', () => {
  test('leaves a row that says nothing, nor do those that were merged into it (X1)', async () => {
    const secret = `Giấu ${crypto.randomUUID()}`;
    const values = { displayName: secret, note: secret, email: 'x@example.test', birthday: '1990-01-01' };
    const [kept, lost, first] = [
      await make({ ...values, phone: newNumber() }),
      await make({ ...values, tags: ['t'] }),
      await make(values),
    ];
    await shop.api.act(lost.id, 'merge', { otherId: first.id });
    await shop.api.act(kept.id, 'merge', { otherId: lost.id });
    await shop.api.remove(kept.id); // who was deleted may still want it
    expect((await shop.api.act(kept.id, 'erase')).status).toBe(204);
    expect((await shop.api.get(kept.id)).status).toBe(404);
    const rows = await sql(
      `SELECT display_name, phone, email, birthday, note, tags, search_text LIKE '%giau%' AS findable
       FROM identity."Customer" WHERE id = ANY($1)`,
      [[kept.id, lost.id, first.id]],
    );
    const nothing = { phone: null, email: null, birthday: null, note: null, tags: [], findable: false };
    expect(rows).toEqual(Array(3).fill({ display_name: 'erased', ...nothing }));
  });

  test('is forgotten wholly 90 days after the deletion, and nobody else is (X3)', async () => {
    const ids = [];
    for (const days of [91, 89, null]) {
      const { id } = await make();
      ids.push(id);
      await sql(
        `UPDATE identity."Customer" SET deleted_at = now() - make_interval(days => $2) WHERE id = $1`,
        [id, days],
      );
    }
    await purgeExpired(worker);
    const left = await sql<{ id: string }>('SELECT id FROM identity."Customer" WHERE id = ANY($1)', [ids]);
    expect(left.map(({ id }) => id).sort()).toEqual(ids.slice(1).sort());
  });
});
