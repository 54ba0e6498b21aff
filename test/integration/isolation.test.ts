import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { DEMO_MERCHANTS, DEMO_ORGANIZER, DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { createDatabase } from '../../src/database/database.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { testParts } from '../parts.js';
import { queryAs, sql } from '../support/database.js';

const { appUrl, ownerUrl, superUrl } = testParts().postgres;

describe('tenants', () => {
  test('the application role sees no row of a tenant without naming it, one tenant with it, and nothing afterwards (P9)', async () => {
    const database = createDatabase({ url: appUrl, poolSize: 1, logger: createLogger({ level: 'silent' }) });
    const merchants = () => database.query('SELECT id FROM identity."Merchant"');
    const of = (tenantId: string) =>
      database.transaction(
        (one) => one.query<{ id: string }>('SELECT id FROM identity."Merchant" ORDER BY id'),
        { tenantId },
      );
    try {
      expect(await merchants()).toEqual([]);
      expect(await of(DEMO_ORGANIZER.tenantId)).toEqual(DEMO_MERCHANTS.map(({ id }) => ({ id })));
      expect(await of('somebody-else')).toEqual([]);
      const failing = database.transaction((one) => one.query('SELECT 1/0'), {
        tenantId: DEMO_ORGANIZER.tenantId,
      });
      await expect(failing).rejects.toThrow('division by zero');
      expect(await merchants()).toEqual([]); // the one connection of the pool was used again
    } finally {
      await database.close();
    }
  });

  test('whoever has no tenant yet is shown their own places, and what follows sees none of them (D12)', async () => {
    const database = createDatabase({ url: appUrl, poolSize: 1, logger: createLogger({ level: 'silent' }) });
    const [, owner] = DEMO_PEOPLE;
    try {
      const [shown, after] = await database.transaction(async (one) => [
        await one.query<{ id: string }>('SELECT id FROM identity.selectable_branches($1) ORDER BY id', [
          owner.id,
        ]),
        await one.query('SELECT id FROM identity."Merchant"'),
      ]);
      expect(shown).toEqual(DEMO_MERCHANTS.map(({ id }) => ({ id })));
      expect(after).toEqual([]);
      expect(await database.query('SELECT id FROM identity."Member"')).toEqual([]);
    } finally {
      await database.close();
    }
  });

  test("a row can't be written into another tenant, nor tied to another tenant's organizer (P9)", async () => {
    const database = createDatabase({ url: appUrl, poolSize: 1, logger: createLogger({ level: 'silent' }) });
    const insert = (tenantId: string, rowTenant: string) =>
      database.transaction(
        (one) =>
          one.query(
            'INSERT INTO identity."Merchant" (id, tenant_id, organizer_id, name) VALUES ($1, $2, $3, $4)',
            ['x', rowTenant, DEMO_ORGANIZER.id, 'X'],
          ),
        { tenantId },
      );
    try {
      await expect(insert('t1', DEMO_ORGANIZER.tenantId)).rejects.toThrow(/row-level security/);
      await expect(insert('t1', 't1')).rejects.toThrow(/foreign key/);
    } finally {
      await database.close();
    }
  });

  test('every table with a tenant_id forces row-level security, on its owner too (D12)', async () => {
    const open = await sql(`
      SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
      WHERE c.relkind = 'r' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`);
    expect(open).toEqual([]);
    expect(await queryAs(ownerUrl, 'SELECT FROM identity."Organizer"')).toEqual([]);
  });
});

describe('roles', () => {
  const asSister = async (text: string) => {
    const client = new pg.Client({ connectionString: superUrl });
    await client.connect();
    try {
      await client.query('SET ROLE nx_sister');
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };

  test('a sister reads the shared tables without a tenant, but no credential and nothing of ours (P1)', async () => {
    expect((await asSister('SELECT * FROM "PolicyDefinition"')).length).toBeGreaterThan(0);
    await expect(asSister('SELECT id, data FROM "Configuration"')).resolves.toEqual([]);
    await expect(asSister('SELECT credential FROM "Configuration"')).rejects.toThrow(/permission denied/);
    await expect(asSister('SELECT * FROM identity."User"')).rejects.toThrow(/permission denied/);
    await expect(asSister(`DELETE FROM "PolicyDefinition"`)).rejects.toThrow(/permission denied/);
  });

  test("an operator's queries run as they stand with search_path = identity, public (contract §9)", async () => {
    await queryAs(
      superUrl,
      `SET search_path = identity, public; SELECT * FROM "User" WHERE id = '1'; SELECT * FROM "PolicyDefinition" WHERE subject_id = '1' AND subject_type = 'User'`,
    );
  });

  test('the application role can neither create nor drop anything (D12)', async () => {
    for (const text of [
      'CREATE TABLE identity.x ()',
      'CREATE TABLE public.x ()',
      'DROP TABLE identity."User"',
      'DELETE FROM identity."User"',
    ]) {
      await expect(queryAs(appUrl, text)).rejects.toThrow(/permission denied|must be owner/);
    }
  });
});

test('an epoch moves with every change of a policy that reaches the person, SQL by hand included (D6)', async () => {
  const version = async () =>
    (await sql<{ v: string }>(`SELECT identity.subject_snapshot('epoch-test') ->> 'policyVersion' AS v`))[0]
      ?.v ?? '';
  const insert = `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id, domain)`;
  const seen = [Number(await version())];
  await sql(`${insert} VALUES ('e1', 'assign_role', 'User', 'epoch-test', 'Role', '2', 'Organizer_e')`);
  seen.push(Number(await version()));
  await sql(`${insert} VALUES ('e2', 'domain_inherits', 'Merchant', 'em', 'Organizer', 'e', NULL)`);
  seen.push(Number(await version()));
  await sql(`${insert} VALUES ('e3', 'grant', 'Role', '2', 'Permission', 'x', NULL)`);
  seen.push(Number(await version()));
  await sql(`DELETE FROM public."PolicyDefinition" WHERE id = 'e2'`); // the merchant is out of reach now
  seen.push(Number(await version()));
  await sql(`DELETE FROM public."PolicyDefinition" WHERE id IN ('e1', 'e3')`);
  seen.push(Number(await version()));
  expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
});
