import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import {
  createAuditReader,
  createSubjectKeys,
  dropSubjectKey,
  keepPartitions,
  recordImpersonal,
} from '../../src/audit/index.js';
import { createSealedText } from '../../src/database/sealed-text.js';
import { testParts } from '../parts.js';
import { databaseAs, entryOf, eventsOf, openTrail } from '../support/audit.js';
import { sql } from '../support/database.js';

const database = databaseAs('nx_app');
const worker = databaseAs('nx_worker');
afterAll(() => Promise.all([database.close(), worker.close()]));

/** One statement with the rights of a group alone. */
async function as(role: string, statement: string) {
  const client = new pg.Client({ connectionString: testParts().postgres.superUrl });
  await client.connect();
  try {
    await client.query(`SET ROLE ${role}`);
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

const partitions = async (): Promise<string[]> =>
  (
    await sql<{ name: string }>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits
       WHERE inhparent = 'identity."AuditEvent"'::regclass ORDER BY 1`,
    )
  ).map(({ name }) => name.replace(/^identity\."|"$/g, ''));

const nameOf = async (months: number): Promise<string> =>
  (
    await sql<{ name: string }>(
      `SELECT 'AuditEvent_' || to_char((now() AT TIME ZONE 'UTC') + make_interval(months => $1), 'YYYY_MM') AS name`,
      [months],
    )
  )[0]?.name ?? '';

/** A row of another month, written as nobody but the superuser can. */
const plant = (subjectId: string, months: number) =>
  sql(
    `INSERT INTO identity."AuditEvent" (created_at, actor_type, action, subject_type, subject_id)
     VALUES (now() + make_interval(months => $2), 'system', 'realm.repaired', 'realm', $1)`,
    [subjectId, months],
  );
const whereIs = (subjectId: string) =>
  sql<{ table: string }>(
    `SELECT replace(replace(tableoid::regclass::text, 'identity.', ''), '"', '') AS table
     FROM identity."AuditEvent" WHERE subject_id = $1`,
    [subjectId],
  );

describe('the trail is append-only (P12)', () => {
  test.each(['nx_app', 'nx_worker'])('%s can add, and can neither change, delete nor empty', async (role) => {
    await as(
      role,
      `INSERT INTO identity."AuditEvent" (actor_type, action) VALUES ('system', 'realm.repaired')`,
    );
    const month = await nameOf(0);
    for (const table of ['AuditEvent', 'AuditEvent_default', month]) {
      for (const statement of [
        `UPDATE identity."${table}" SET action = 'realm.repaired'`,
        `DELETE FROM identity."${table}"`,
        `TRUNCATE identity."${table}"`,
        `DROP TABLE identity."${table}"`,
        `ALTER TABLE identity."${table}" NO FORCE ROW LEVEL SECURITY`,
      ]) {
        await expect(as(role, statement)).rejects.toThrow(/permission denied|must be owner/);
      }
    }
    await expect(as(role, `SELECT FROM identity."${month}"`)).rejects.toThrow('permission denied');
  });

  test('the sisters see nothing of it, nor of its keys', async () => {
    for (const table of ['AuditEvent', 'SubjectKey', 'RefusalCount']) {
      await expect(as('nx_sister', `SELECT FROM identity."${table}"`)).rejects.toThrow('permission denied');
    }
  });

  test("a tenant's transaction sees that tenant's events and no others (P9)", async () => {
    const [subject, tenantId] = [randomUUID(), randomUUID()];
    const entry = { actor: { type: 'system', id: 'test' }, action: 'role.assigned' } as const;
    await recordImpersonal(database, { ...entry, subject: { type: 'user', id: subject }, tenantId });
    const count = (options?: { tenantId: string }) =>
      database.transaction(
        async (one) =>
          (await one.query('SELECT FROM identity."AuditEvent" WHERE subject_id = $1', [subject])).length,
        options,
      );
    expect(await count({ tenantId })).toBe(1);
    expect(await count({ tenantId: 'another' })).toBe(0);
    expect(await count()).toBe(0);
  });
});

describe('partitions (P12)', () => {
  test('three months are there ahead; a second worker at the same time changes nothing', async () => {
    await Promise.all([keepPartitions(worker, 24), keepPartitions(worker, 24)]);
    const names = await partitions();
    for (const months of [0, 1, 2, 3]) expect(names).toContain(await nameOf(months));
  });

  test('the function is for the worker alone', async () => {
    await expect(as('nx_app', 'SELECT identity.keep_audit_partitions(24)')).rejects.toThrow(
      'permission denied',
    );
    await as('nx_worker', 'SELECT identity.keep_audit_partitions(24)');
  });

  test('a month that was made too late takes its rows out of the default partition', async () => {
    const subject = randomUUID();
    await plant(subject, 7);
    expect(await whereIs(subject)).toEqual([{ table: 'AuditEvent_default' }]);
    await keepPartitions(worker, 24);
    expect(await whereIs(subject)).toEqual([{ table: await nameOf(7) }]);
    await expect(as('nx_app', `SELECT FROM identity."${await nameOf(7)}"`)).rejects.toThrow(
      'permission denied',
    );
  });

  test('months past the retention go, with what they held; younger ones stay, whatever is asked for', async () => {
    const [old, young, late] = [randomUUID(), randomUUID(), randomUUID()];
    await plant(old, -5);
    await plant(young, -1);
    await keepPartitions(worker, 24);
    expect(await whereIs(old)).toEqual([{ table: await nameOf(-5) }]);
    await keepPartitions(worker, 5);
    expect(await whereIs(old)).toHaveLength(1);
    await keepPartitions(worker, 4);
    expect(await whereIs(old)).toEqual([]);
    expect(await partitions()).not.toContain(await nameOf(-5));
    await plant(late, -60); // straight into the default partition
    for (const months of [0, -1, -100_000]) {
      await as('nx_worker', `SELECT identity.keep_audit_partitions(${months})`);
    }
    await expect(as('nx_worker', 'SELECT identity.keep_audit_partitions(NULL)')).rejects.toThrow('retention');
    expect(await whereIs(late)).toEqual([]);
    expect(await whereIs(young)).toHaveLength(1);
    const dropped = await eventsOf(database, await nameOf(-5));
    expect(dropped.map(({ action }) => action)).toEqual(['audit.partition_made', 'audit.partition_dropped']);
  });
});

describe('personal values (X1)', () => {
  test("dropping a subject's key hides that one's values for ever, and nobody else's", async () => {
    const [gone, other] = [randomUUID(), randomUUID()];
    const { audit } = openTrail(database);
    const personal = { email: 'somebody@example.test' };
    await audit.record(database, entryOf(gone, { personal }), entryOf(other, { personal }));
    const admin = { type: 'admin', id: other } as const;
    await audit.record(database, entryOf(gone, { actor: admin, action: 'role.assigned', personal }));
    await dropSubjectKey(database, { type: 'user', id: gone });
    await audit.record(database, entryOf(gone)); // by a process that remembers the key, or that makes another
    const [opened, byAdmin] = await eventsOf(database, gone);
    expect(opened?.personal).toBeNull();
    expect(byAdmin?.personal).toEqual({ address: '192.0.2.44', agent: 'agent of a test' }); // the administrator's
    expect((await eventsOf(database, other))[0]?.personal).toMatchObject(personal);
  });

  test('under another master key the trail can be read, without its personal values', async () => {
    const userId = randomUUID();
    await openTrail(database).audit.record(database, entryOf(userId));
    const master = createSealedText(randomBytes(32));
    const keys = createSubjectKeys({ master, monotonicNow: () => 0 });
    const { events } = await createAuditReader({ database, keys }).read({ subjectId: userId }, { limit: 5 });
    expect(events).toMatchObject([{ action: 'session.opened', personal: null }]);
  });

  test('the key that two processes make at once for one subject is one key', async () => {
    const owners = Array.from({ length: 10 }, () => ({ type: 'user', id: randomUUID() }) as const);
    for (const owner of owners) {
      const [one, two] = await Promise.all(
        [openTrail(database), openTrail(database)].map(({ keys }) => keys.forSealing(database, owner)),
      );
      expect(one).toEqual(two);
    }
  });

  test('a key made in a transaction that is rolled back is not used afterwards', async () => {
    const userId = randomUUID();
    const { audit } = openTrail(database);
    const failing = database.transaction(async (one) => {
      await audit.record(one, entryOf(userId));
      await audit.record(one, entryOf(userId));
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await audit.record(database, entryOf(userId));
    expect((await eventsOf(database, userId))[0]?.personal).toMatchObject({ address: '192.0.2.44' });
  });
});
