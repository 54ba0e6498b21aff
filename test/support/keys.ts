import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { createDatabase, type Database } from '../../src/database/database.js';
import { migrate } from '../../src/database/migrate.js';
import { runKeys } from '../../src/keys-job.js';
import { createLogger } from '../../src/telemetry/logger.js';
import {
  createKeyFolder,
  createKeyRing,
  createRotateKey,
  createTendKeys,
  FolderReadOnly,
  type KeyTimes,
  readKeyFiles,
  readSigningKeys,
  type SigningAlgorithm,
  toHeldKey,
} from '../../src/tokens/index.js';
import { testParts } from '../parts.js';
import { queryAs } from './database.js';

const silent = createLogger({ level: 'silent' });
export const TIMES: KeyTimes = { leadS: 3600, overlapDays: 7, rotationDays: 90 };

/** A database and a directory of keys of a test's own: what turns there is nobody else's. */
export async function createKeyWorld() {
  const { postgres, keysDir: given } = testParts();
  const name = `nx_keys_${randomBytes(6).toString('hex')}`;
  const at = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
  const owner = decodeURIComponent(new URL(postgres.ownerUrl).username);
  await queryAs(postgres.superUrl, `CREATE DATABASE ${name} OWNER ${owner}`);
  await migrate({ url: at(postgres.ownerUrl), logger: silent });
  const folders = [mkdtempSync(join(tmpdir(), 'keys-'))];
  const [keysDir = ''] = folders;
  cpSync(given, keysDir, { recursive: true });
  const asRole = (role: string) =>
    createDatabase({
      url: `${at(postgres.appUrl)}?options=${encodeURIComponent(`-c role=${role}`)}`,
      poolSize: 6,
      logger: silent,
    });
  const database = asRole('nx_app');
  return {
    asRole,
    database,
    databaseUrl: at(postgres.appUrl),
    keysDir,
    environment: { DATABASE_URL: at(postgres.appUrl), IDENTITY_KEYS_DIR: keysDir },
    superUrl: at(postgres.superUrl),
    /** As the superuser. */
    sql: <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      queryAs<Row>(at(postgres.superUrl), text, values),
    states: async () => (await readSigningKeys(database)).map(({ state }) => state).sort(),
    keyOf: async (state: string) => (await readSigningKeys(database)).find((key) => key.state === state),
    /** What the directory holds now, in a second one: a replica whose mount is late. */
    copyOfKeys() {
      const copy = mkdtempSync(join(tmpdir(), 'keys-'));
      folders.push(copy);
      cpSync(keysDir, copy, { recursive: true });
      return copy;
    },
    async drop() {
      await database.close();
      await queryAs(postgres.superUrl, `DROP DATABASE ${name} WITH (FORCE)`);
      for (const folder of folders) rmSync(folder, { recursive: true });
    },
  };
}

export type KeyWorld = Awaited<ReturnType<typeof createKeyWorld>>;

export const accessKeyFiles = (dir: string) =>
  readdirSync(dir).filter((name) => name.startsWith('access-token'));

/** A server's part in the turning of keys, which moves only when it is told to. */
export async function createKeyReplica(
  { database, keysDir }: { database: Database; keysDir: string },
  options: { name?: string; times?: Partial<KeyTimes>; alg?: SigningAlgorithm; readOnly?: boolean } = {},
) {
  const { name = randomBytes(4).toString('hex'), times, alg = 'ES256', readOnly = false } = options;
  const clock = { now: 0 };
  const told: { details: unknown; text: string }[] = [];
  const logger = {
    info: () => undefined,
    warn: (details: unknown, text?: string) => void told.push({ details, text: text ?? String(details) }),
  } as unknown as typeof silent;
  const writable = createKeyFolder({ dir: keysDir, alg, logger });
  // Tests may run as root, whom no mode of a directory stops.
  const folder = readOnly ? { ...writable, make: () => Promise.reject(new FolderReadOnly()) } : writable;
  const ring = createKeyRing({
    database,
    folder,
    first: await Promise.all(readKeyFiles(keysDir).accessTokens.map(toHeldKey)),
    replica: { id: name, name },
    monotonicNow: () => clock.now,
    logger,
  });
  const { tend, concerns } = createTendKeys({ database, folder, times: { ...TIMES, ...times }, logger });
  return {
    ring,
    folder,
    concerns,
    clock,
    logger,
    told,
    rotate: createRotateKey({ database, folder }),
    look: () => ring.look(),
    /** What a server does in a second. */
    async turn() {
      await ring.look();
      await tend(ring.held());
      await ring.look();
    },
    shown: () => (ring.published() ?? []).map(({ kid }) => kid),
    signs: () => ring.currentSigner().kid,
  };
}

/** `npm run keys -- …` in this process: its exit code, and what it said. */
export async function keysCommand(world: KeyWorld, args: string[], extra: Record<string, string> = {}) {
  const lines: string[] = [];
  const code = await runKeys(args, {
    environment: { ...world.environment, ...extra },
    say: (text) => void lines.push(text),
  });
  return { code, text: lines.join('\n') };
}

/** Looks until it is so; far longer than it takes, so that a test fails by itself and not by its time-out. */
export async function until(isSo: () => Promise<boolean>, atMostMs = 30_000): Promise<void> {
  for (const deadline = performance.now() + atMostMs; !(await isSo()); await sleep(100))
    if (performance.now() > deadline) throw new Error(`not within ${atMostMs} ms`);
}
