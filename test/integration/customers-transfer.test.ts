import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import { testParts } from '../parts.js';
import { call } from '../support/call.js';
import { createShop, customersOf, grantedService } from '../support/customers.js';
import { sql } from '../support/database.js';
import { spawnService } from '../support/process.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const shopOf = () => createShop(service);
const key = () => ({ 'idempotency-key': crypto.randomUUID() });
const csv = (...lines: string[]) => `${lines.join('\r\n')}\r\n`;
const namesOf = async (merchantId: string) =>
  (
    await sql<{ display_name: string }>(
      `SELECT display_name FROM identity."Customer" WHERE merchant_id = $1 AND deleted_at IS NULL ORDER BY display_name`,
      [merchantId],
    )
  ).map(({ display_name: name }) => name);

/** Lines whose every hundredth is bad, and of which most have nothing that is unique. */
const manyLines = (count: number) => [
  'displayName,phone,email',
  ...Array.from({ length: count }, (_, index) => {
    const name = `Khách ${String(index).padStart(6, '0')}`;
    if (index % 100 === 7) return `${name},,no address`;
    return index % 10 === 0 ? `${name},09${String(10_000_000 + index)},` : `${name},,`;
  }),
];

describe('an import', () => {
  test('takes the good lines and reports the others line by line, without their values (contract §6)', async () => {
    const { api, merchantId } = await shopOf();
    await api.create({ merchantId, displayName: 'There', phone: '0901000001' });
    const file = csv(
      '\ufeffdisplayName,code,phone,email,birthday,note,tags',
      'Ánh,A1,0901 000 002,anh@example.test,1990-01-02,"thích, ""cà phê""\nđá",vip|quen',
      'Taken,A2,+84 901 000 001,,,,',
      ',A3,,,,,',
      'Bad,A4,secret-phone,secret-mail,1990-13-01,,',
      'Short,A5',
      'Long,A6,,,,,,,',
      '',
      'Twin,A1,,,,,',
      'Last,,,,,,',
    );
    const { status, body } = await api.import(merchantId, file);
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'FINISHED', linesRead: 8, created: 2, failed: 6 });
    const told = body.failures.map(
      ({ line, errors }: { line: number; errors: { path: string; code: string }[] }) => [
        line,
        errors.map(({ path, code }) => `${path} ${code}`),
      ],
    );
    expect(told).toEqual([
      [4, [' customer.taken']],
      [5, ['displayName invalid_type']],
      [6, ['phone custom', 'email invalid_format', 'birthday invalid_format']],
      [7, [' customer.uneven_line']],
      [8, [' customer.uneven_line']],
      [10, [' customer.taken']],
    ]);
    expect(JSON.stringify(body)).not.toContain('secret');
    const [made] = (await api.list({ merchantId, q: 'anh' })).body;
    expect(made).toMatchObject({
      code: 'A1',
      phone: '+84901000002',
      birthday: '1990-01-02',
      note: 'thích, "cà phê"\nđá',
      tags: ['vip', 'quen'],
    });
    const { body: again } = await call(api.at(`/import/${body.id}?after=6&limit=2`), {
      headers: api.headers,
    });
    expect(again.failures.map(({ line }: { line: number }) => line)).toEqual([7, 8]);
    const latest = await call(api.at(`/import?merchantId=${merchantId}`), { headers: api.headers });
    expect(latest.body).toEqual([expect.objectContaining({ id: body.id, created: 2, failed: 6 })]);
  });

  test.each([
    ['an unknown column', 'displayName,role\nx,admin\n', 'customer.unreadable_csv'],
    ['a column twice', 'displayName,phone,phone\nx,1,2\n', 'customer.unreadable_csv'],
    ['no name', 'phone\n0901000001\n', 'customer.unreadable_csv'],
    ['a quote that never ends', 'displayName\na\n"b\nc\n', 'customer.unreadable_csv'],
    ['a line of 100 kB', `displayName\n${'x'.repeat(100_000)}\n`, 'customer.unreadable_csv'],
  ])('of a file with %s is 422 (hostile input)', async (_name, file, code) => {
    const { api, merchantId } = await shopOf();
    const answer = await api.import(merchantId, file);
    expect([answer.status, answer.body.code]).toEqual([422, code]);
  });

  test('is taken as text/csv alone, uncompressed, and 50 MB at most (hostile input)', async () => {
    const { api, merchantId } = await shopOf();
    const file = 'displayName\nx\n';
    expect((await api.import(merchantId, file, { 'content-type': 'application/json' })).status).toBe(415);
    expect((await api.import(merchantId, file, { 'content-encoding': 'gzip' })).status).toBe(415);
    const announced = new Promise((resolve, reject) => {
      const headers = { ...api.headers, 'content-type': 'text/csv', 'content-length': 60_000_000 };
      const sent = request(api.at(`/import?merchantId=${merchantId}`), { method: 'POST', headers });
      sent.on('response', (answer) => resolve(answer.statusCode)).on('error', reject);
      sent.flushHeaders();
    });
    expect(await announced).toBe(413);
    expect(await namesOf(merchantId)).toEqual([]);
  });

  test('at a merchant of others is 404, and so is its report (P9)', async () => {
    const [shop, other] = [await shopOf(), await shopOf()];
    const large = manyLines(300_000).join('\n'); // what is refused is sent to its end all the same
    expect((await shop.api.import(other.merchantId, large)).status).toBe(404);
    expect((await shop.api.import(shop.merchantId, `x\n${large}`)).status).toBe(422);
    const { id } = (await other.api.import(other.merchantId, 'displayName\nx\n')).body;
    const headers = shop.api.headers;
    expect((await call(shop.api.at(`/import/${id}`), { headers })).status).toBe(404);
    expect((await call(shop.api.at(`/import?merchantId=${other.merchantId}`), { headers })).status).toBe(404);
    expect((await shop.api.export(other.merchantId)).status).toBe(404);
    const reader = customersOf(
      service,
      (await grantedService([shop.merchantId], ['customers.read'])).headers,
    );
    expect((await reader.import(shop.merchantId, 'displayName\nx\n')).status).toBe(403);
  });

  test('sent again, or twice at once, under one key takes every line once; another file is 422 (L0, P4)', async () => {
    const { api, merchantId } = await shopOf();
    const headers = key();
    const file = csv(...manyLines(2300));
    const answers = await Promise.all([
      api.import(merchantId, file, headers),
      api.import(merchantId, file, headers),
    ]);
    answers.push(await api.import(merchantId, file, headers));
    for (const { status, body } of answers) {
      expect([status, body.linesRead, body.created, body.failed]).toEqual([200, 2300, 2277, 23]);
    }
    const names = await namesOf(merchantId);
    expect([names.length, new Set(names).size]).toEqual([2277, 2277]);
    for (const different of [
      csv(...manyLines(2000)),
      csv(...manyLines(2301)),
      csv(...manyLines(3000)),
      file.replace('000003', '000003 b'),
      'displayName\n',
    ]) {
      const answer = await api.import(merchantId, different, headers);
      expect([answer.status, answer.body.code]).toEqual([422, 'customer.other_file']);
    }
    expect(await namesOf(merchantId)).toEqual(names);
    const trail = await sql(
      `SELECT after FROM identity."AuditEvent" WHERE action = 'customer.imported' AND subject_id = $1`,
      [merchantId],
    );
    expect(trail).toHaveLength(1);
  });

  test('killed in the middle goes on where it was, in another process, and doubles nothing (L0)', async () => {
    const { api, merchantId } = await shopOf();
    const doomed = spawnService({
      ...serviceEnvironment(testParts(), 'server'),
      IDENTITY_PORT: '0',
      IDENTITY_METRICS_PORT: '0',
      IDENTITY_INTERNAL_PORT: '0',
      IDENTITY_JWT_ISSUER: service.infrastructure.config.tokens.issuer,
    });
    await doomed.says('"msg":"listening"');
    const port = /"port":(\d+)[^\n]*"msg":"listening"/.exec(doomed.output())?.[1];
    const headers = key();
    const lines = manyLines(10_000);
    const read = async () => {
      const [row] = await sql<{ lines_read: number }>(
        'SELECT lines_read FROM identity."CustomerImport" WHERE merchant_id = $1',
        [merchantId],
      );
      return row?.lines_read ?? 0;
    };
    const first = customersOf({ url: `http://127.0.0.1:${port}` }, api.headers)
      .import(merchantId, csv(...lines), headers)
      .catch(() => 'broken off');
    await until('the import did not begin', async () => (await read()) >= 500, 60_000);
    doomed.kill('SIGKILL');
    await doomed.exit;
    expect(await first).toBe('broken off');
    const before = await read();
    expect(before).toBeLessThan(10_000);
    expect((await namesOf(merchantId)).length).toBe(before * 0.99);
    const { body } = await api.import(merchantId, csv(...lines), headers);
    expect(body).toMatchObject({ status: 'FINISHED', linesRead: 10_000, created: 9900, failed: 100 });
    const names = await namesOf(merchantId);
    expect([names.length, new Set(names).size]).toEqual([9900, 9900]);
    expect(body.failures.map(({ line }: { line: number }) => line)).toEqual(
      Array.from({ length: 100 }, (_, index) => index * 100 + 9),
    );
  }, 120_000);
});

describe('an export', () => {
  test('has every customer once, formulas defused, and can be imported elsewhere (contract §6)', async () => {
    const [shop, other] = [await shopOf(), await shopOf()];
    const { merchantId, api } = shop;
    for (const values of [
      { displayName: '=cmd|calc', note: '@x', phone: '+84901000003' },
      { displayName: '-1', code: '+2', tags: ['a', 'b'], birthday: '2000-01-01', email: 'e@example.test' },
      { displayName: 'Plain "quoted", và\u2028b', note: 'two\nlines' },
    ]) {
      expect((await api.create({ merchantId, ...values })).status).toBe(201);
    }
    const { id } = (await api.create({ merchantId, displayName: 'Gone' })).body;
    await api.remove(id);
    const { status, text, headers } = await api.export(merchantId);
    expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('text/csv')]);
    const rows = parse(text, { columns: true }) as Record<string, string>[];
    expect(rows.map(({ displayName, phone, note, code }) => [displayName, phone, note, code])).toEqual([
      ["'=cmd|calc", "'+84901000003", "'@x", expect.any(String)],
      ["'-1", '', '', "'+2"],
      ['Plain "quoted", và\u2028b', '', 'two\nlines', expect.any(String)],
    ]);
    expect((await other.api.import(other.merchantId, text)).body).toMatchObject({ created: 3, failed: 0 });
    const comparable = async (of: typeof shop) =>
      (await of.api.list({ merchantId: of.merchantId })).body.map(
        ({ id: _id, merchantId: _m, createdAt: _c, updatedAt: _u, ...rest }: Record<string, unknown>) => rest,
      );
    expect(await comparable(other)).toEqual(await comparable(shop));
  });

  test('holds no connection while its receiver takes its time', async () => {
    const { api, merchantId, workspace } = await shopOf();
    await sql(
      `INSERT INTO identity."Customer" (id, tenant_id, merchant_id, code, display_name, note)
       SELECT $1 || lpad(n::text, 6, '0'), $2, $3, n, 'Khách ' || n, repeat('x', 500) FROM generate_series(1, 20000) AS n`,
      [merchantId.slice(0, 8), workspace.tenantId, merchantId],
    );
    const { body } = await fetch(api.at(`/export?merchantId=${merchantId}`), { headers: api.headers });
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    let text = Buffer.from((await reader.read()).value ?? []).toString();
    await until('a connection is held', async () => service.infrastructure.database.poolUse().busy === 0);
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      text += Buffer.from(piece.value).toString();
    }
    expect(text.split('\r\n')).toHaveLength(20_002);
  });
});
