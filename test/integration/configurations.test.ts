import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import { createCredentials, createReadConfiguration } from '../../src/configurations/index.js';
import { createDatabase, type Database } from '../../src/database/database.js';
import { createSealedText } from '../../src/database/sealed-text.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { testParts } from '../parts.js';
import { sql } from '../support/database.js';
import { configurationKey, configure } from '../support/messages.js';
import { spawnService } from '../support/process.js';

const CODE = 'TEST_CODE';
const schema = z.strictObject({ limit: z.number() });
const logger = createLogger({ level: 'silent' });
let database: Database;
let now: number;

beforeEach(async () => {
  database = createDatabase({ url: testParts().postgres.appUrl, poolSize: 2, logger });
  await sql(`DELETE FROM public."Configuration" WHERE code LIKE 'TEST%'`);
  now = 0;
});
afterEach(async () => {
  await sql(`DELETE FROM public."Configuration" WHERE code LIKE 'TEST%'`);
  await database.close();
});

const reader = () => createReadConfiguration({ sql: database, monotonicNow: () => now, logger });
const limitOf = async (read: ReturnType<typeof reader>, merchantId: string | null) =>
  (await read(CODE, merchantId, schema))?.data.limit;

describe('a configuration', () => {
  test("is the merchant's own, else the platform's, else none; another merchant's never (M1)", async () => {
    await configure(CODE, { limit: 2 }, undefined, 'm1');
    expect(await limitOf(reader(), 'm2')).toBeUndefined();
    await configure(CODE, { limit: 1 });
    const read = reader();
    expect(await limitOf(read, 'm1')).toBe(2);
    expect(await limitOf(read, 'm2')).toBe(1);
    expect(await limitOf(read, null)).toBe(1);
    await sql(`UPDATE public."Configuration" SET status = 'SUSPENDED' WHERE merchant_id = 'm1'`);
    expect(await limitOf(reader(), 'm1')).toBe(1);
  });

  test('that changes is seen a few seconds later; broken it is read as it last was, never seen it does not count (M1)', async () => {
    await configure(CODE, { limit: 1 });
    await configure(CODE, { limit: 2 }, undefined, 'm1');
    const read = reader();
    expect(await limitOf(read, 'm1')).toBe(2);
    const change = (data: object) =>
      sql(`UPDATE public."Configuration" SET data = $1 WHERE merchant_id = 'm1'`, [JSON.stringify(data)]);
    await change({ limit: 3 });
    expect(await limitOf(read, 'm1')).toBe(2);
    now += 3001;
    expect(await limitOf(read, 'm1')).toBe(3);
    await change({ limit: 'a lot' });
    now += 3001;
    expect(await limitOf(read, 'm1')).toBe(3);
    expect(await limitOf(reader(), 'm1')).toBe(1);
  });
});

describe('RUN_MODE=reseal', () => {
  test('seals every credential with the new key while reads go on with both, and the old key is not needed afterwards (contract §9)', async () => {
    const ids = [
      await configure('TEST_A', {}, { secret: 'one' }),
      await configure('TEST_A', {}, { secret: 'two' }, 'm1'),
    ];
    const keysDir = mkdtempSync(join(tmpdir(), 'keys-'));
    cpSync(testParts().keysDir, keysDir, { recursive: true });
    renameSync(join(keysDir, 'configuration.key'), join(keysDir, 'configuration.previous.key'));
    const newKey = randomBytes(32);
    writeFileSync(join(keysDir, 'configuration.key'), newKey.toString('base64url'), { mode: 0o600 });
    const both = createSealedText(newKey, configurationKey());
    const open = async (sealed: ReturnType<typeof createSealedText>) => {
      const rows = await sql<{ id: string; code: string; merchantId: string | null; credential: string }>(
        'SELECT id, code, merchant_id AS "merchantId", credential FROM public."Configuration" WHERE id = ANY($1) ORDER BY merchant_id NULLS FIRST',
        [ids],
      );
      return rows.map((row) => createCredentials(sealed).open(row, z.object({ secret: z.string() })).secret);
    };
    expect(await open(both)).toEqual(['one', 'two']);
    const job = spawnService({
      RUN_MODE: 'reseal',
      DATABASE_URL: serviceEnvironment(testParts()).DATABASE_URL ?? '',
      IDENTITY_KEYS_DIR: keysDir,
    });
    let done = false;
    const exit = job.exit.finally(() => {
      done = true;
    });
    while (!done) expect(await open(both)).toEqual(['one', 'two']);
    expect((await exit).code).toBe(0);
    const [trail] = await sql<{ after: object }>(
      `SELECT after FROM identity."AuditEvent" WHERE action = 'configuration.resealed' ORDER BY created_at DESC LIMIT 1`,
    );
    expect(trail?.after).toEqual({ resealed: expect.any(Number), unusable: expect.any(Number) });
    expect(await open(createSealedText(newKey))).toEqual(['one', 'two']);
    await expect(open(createSealedText(configurationKey()))).rejects.toThrow('cannot be opened');
    rmSync(keysDir, { recursive: true });
  });
});
