import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { exportCsv } from '../../src/audit/export-csv.js';
import { recordImpersonal } from '../../src/audit/index.js';
import type { Database } from '../../src/database/database.js';
import { entryOf, eventsOf, openTrail } from '../support/audit.js';
import { BASE, bearer, call, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { createPerson } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let database: Database;
let token: string;
let adminId: string;
beforeAll(async () => {
  service = await startService();
  database = service.infrastructure.database;
  const { body } = await signIn(service, DEMO_PEOPLE[0]);
  token = body.accessToken;
  adminId = body.user.id;
});
afterAll(() => service.stop());

const path = `${BASE}/audit-events`;
const get = (query: string, headers: Record<string, string> = bearer(token)) =>
  call(`${service.url}${path}${query}`, { headers });
const plant = (subject: string, marks: readonly string[]) =>
  recordImpersonal(
    database,
    ...marks.map((mark) => ({
      actor: { type: 'system', id: 'test' } as const,
      action: 'realm.repaired' as const,
      subject: { type: 'realm', id: subject } as const,
      after: { mark },
    })),
  );
const nextOf = (headers: Headers): string | undefined =>
  /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];

describe('GET /audit-events (P12)', () => {
  test('is for platform administrators: 401 without a token, 403 without the role, in either shape of roles', async () => {
    expect((await get('', {})).status).toBe(401);
    const person = (await signIn(service, await createPerson())).body.accessToken;
    for (const each of ['', '/export']) {
      const answer = await get(each, bearer(person));
      expect([answer.status, answer.body.code]).toEqual([403, 'request.role_missing']);
    }
    expect((await get('')).status).toBe(200);
    const plain = await startService({ IDENTITY_ROLES_CLAIM: 'identifiers' });
    try {
      const url = `${plain.url}${path}?limit=1`;
      const admin = (await signIn(plain, DEMO_PEOPLE[0])).body.accessToken;
      expect((await call(url, { headers: bearer(admin) })).status).toBe(200);
      const other = (await signIn(plain, await createPerson())).body.accessToken;
      expect((await call(url, { headers: bearer(other) })).status).toBe(403);
    } finally {
      await plain.stop();
    }
  });

  test('pages newest first; while rows are added nothing is skipped and nothing comes twice', async () => {
    const subject = randomUUID();
    for (let batch = 0; batch < 5; batch += 1) {
      // One statement, one time: five rows that only their ids tell apart.
      await plant(
        subject,
        [0, 1, 2, 3, 4].map((index) => `${batch * 5 + index}`),
      );
    }
    const marks: string[] = [];
    const ids: string[] = [];
    let next: string | undefined = `${path}?subjectId=${subject}&limit=3`;
    while (next !== undefined) {
      const answer = await call(`${service.url}${next}`, { headers: bearer(token) });
      expect(answer.status).toBe(200);
      for (const event of answer.body) {
        marks.push(event.after.mark);
        ids.push(event.id);
      }
      await plant(subject, ['new']);
      next = nextOf(answer.headers);
    }
    expect([...marks].sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 25 }, (_, index) => `${index}`),
    );
    expect(new Set(ids).size).toBe(25);
    expect(Math.min(...marks.slice(0, 5).map(Number))).toBe(20);
  });

  test('filters by actor, subject, action and time', async () => {
    const [subject, userId] = [randomUUID(), randomUUID()];
    await plant(subject, ['a']);
    await openTrail(database).audit.record(database, entryOf(userId));
    const count = async (query: string) => (await get(query)).body.length;
    expect(await count(`?subjectId=${subject}`)).toBe(1);
    expect(await count(`?actorId=${userId}`)).toBe(1);
    expect(await count(`?subjectId=${subject}&action=session.opened`)).toBe(0);
    expect(await count(`?subjectId=${subject}&action=realm.repaired`)).toBe(1);
    const [event] = (await get(`?subjectId=${subject}`)).body;
    const at = (ms: number) => new Date(Date.parse(event.createdAt) + ms).toISOString();
    expect(await count(`?subjectId=${subject}&from=${at(0)}&to=${at(1000)}`)).toBe(1);
    expect(await count(`?subjectId=${subject}&from=${at(1000)}`)).toBe(0);
    expect(await count(`?subjectId=${subject}&to=${at(-1000)}`)).toBe(0);
  });

  test('what fits no schema is 422: a bent cursor, an unknown action, a limit over 200, times out of this world', async () => {
    const encode = (text: string) => Buffer.from(text).toString('base64url');
    const queries = [
      'cursor=x',
      `cursor=${encode('1.99999999999999999999')}`,
      `cursor=${encode('1.9223372036854775808')}`,
      `cursor=${encode('1.1')}=`,
      `cursor=${encode('-1.1')}`,
      'action=user.vanished',
      'limit=201',
      'limit=0',
      'actorId=%00',
      'from=yesterday',
      'unknown=1',
      'limit=1&limit=2',
    ];
    for (const query of queries) expect([query, (await get(`?${query}`)).status]).toEqual([query, 422]);
    for (const query of [
      `cursor=${encode('0.0')}`,
      `cursor=${encode('9999999999999999.9223372036854775807')}`,
      'from=0000-01-01T00:00:00Z',
      'to=9999-12-31T23:59:59Z',
    ]) {
      expect([query, (await get(`?${query}&limit=1`)).status]).toEqual([query, 200]);
    }
  });

  test('reading the trail is in the trail, with what was asked for', async () => {
    const subject = randomUUID();
    await get(`?subjectId=${subject}`);
    await get(`/export?subjectId=${subject}`);
    const reads = (await openTrail(database).reader.read({ actorId: adminId }, { limit: 2 })).events;
    const actor = { type: 'admin', id: adminId };
    expect(reads).toMatchObject([
      { actor, action: 'audit.exported', after: { subjectId: subject } },
      {
        actor,
        action: 'audit.read',
        after: { subjectId: subject, limit: 50 },
        personal: { address: '127.0.0.1' },
      },
    ]);
  });
});

describe('GET /audit-events/export (P12)', () => {
  test('is CSV whose formulas are defused', async () => {
    const subject = randomUUID();
    const formula = '=HYPERLINK("http://evil.test")';
    await sql(
      `INSERT INTO identity."AuditEvent" (actor_type, actor_id, action, subject_type, subject_id, request_id)
       VALUES ('user', $1, 'realm.repaired', 'realm', $2, '-1+1')`,
      [formula, subject],
    );
    const answer = await get(`/export?subjectId=${subject}`);
    expect(answer.headers.get('content-type')).toContain('text/csv');
    expect(answer.headers.get('content-disposition')).toContain('audit-events.csv');
    const [header, row] = answer.text.split('\r\n');
    expect(header).toMatch(/^id,created_at,actor_type,actor_id,action,/);
    expect(row).toContain(`"'=HYPERLINK(""http://evil.test"")"`);
    expect(row).toContain(`,'-1+1,`);
  });

  test('holds every row, across the pages that it is read in', async () => {
    const subject = randomUUID();
    const marks = Array.from({ length: 1203 }, (_, index) => `${index}`);
    for (let start = 0; start < marks.length; start += 400)
      await plant(subject, marks.slice(start, start + 400));
    const { text } = await get(`/export?subjectId=${subject}`);
    const rows = text.trimEnd().split('\r\n').slice(1);
    expect(new Set(rows.map((row) => row.split(',')[0])).size).toBe(1203);
    expect(await eventsOf(database, subject)).toHaveLength(200);
  });

  test('is read as fast as it is taken: a receiver that stops reading stops the reading', async () => {
    const subject = randomUUID();
    const long = 'x'.repeat(2000);
    for (let batch = 0; batch < 20; batch += 1) await plant(subject, Array<string>(500).fill(long));
    const { reader } = openTrail(database);
    let pages = 0;
    const counted = {
      read: (...args: Parameters<typeof reader.read>) => {
        pages += 1;
        return reader.read(...args);
      },
    };
    const left = exportCsv(counted, { subjectId: subject });
    await left[Symbol.asyncIterator]().next();
    left.destroy();
    for (let turn = 0; turn < 50; turn += 1) await database.query('SELECT 1');
    expect(pages).toBeLessThanOrEqual(2); // a receiver that went away ends the reading
    pages = 0;
    const stream = exportCsv(counted, { subjectId: subject });
    const chunks = stream[Symbol.asyncIterator]();
    await chunks.next();
    for (let turn = 0; turn < 50; turn += 1) await database.query('SELECT 1');
    expect(pages).toBeLessThanOrEqual(2);
    let bytes = 0;
    for (let chunk = await chunks.next(); !chunk.done; chunk = await chunks.next())
      bytes += chunk.value.length;
    expect(pages).toBe(20);
    expect(bytes).toBeGreaterThan(20_000_000 - 100_000);
  });
});
