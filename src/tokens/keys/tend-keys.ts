import type { Database, Transaction } from '../../database/database.js';
import type { Logger } from '../../telemetry/logger.js';
import { activateNext, addFirstKey, addNextKey, notePublished, retirePrevious } from './change-keys.js';
import { type KeyConsumer, readConsumers } from './key-consumers.js';
import { FolderReadOnly, type HeldKey, type KeyFolder } from './key-folder.js';
import { laggardsOf, type Replica } from './replicas.js';
import { type KeyTimes, readSigningKeys, type SigningKey, tryLockKeys } from './signing-key.js';

/** What an operator should know of. */
export interface KeyConcerns {
  /** Live replicas that lack the next key, which waits for them. */
  replicas: readonly Replica[];
  /** Consumers, seen within a day, that lack the next key, or the current one if there is no next. */
  consumers: readonly KeyConsumer[];
  /** A rotation is due, and this process can't make a key where the keys are. */
  rotationDue: boolean;
}

export interface TendKeys {
  /** Takes the next step of the keys if one is due and nobody else is at it. To be called each second. */
  tend(held: readonly HeldKey[]): Promise<void>;
  concerns(): KeyConcerns;
}

/**
 * Turns the keys by the clock of the database: takes up files that appeared, counts the lead time, lets the next key sign once
 * every live replica has it, retires what is over, and begins a rotation when one is due (T5, T6).
 */
export function createTendKeys(options: {
  database: Database;
  folder: KeyFolder;
  times: KeyTimes;
  logger: Pick<Logger, 'info' | 'warn'>;
}): TendKeys {
  const { database, folder, times, logger } = options;
  let concerns: KeyConcerns = { replicas: [], consumers: [], rotationDue: false };

  async function beginRotation(sql: Transaction, keys: readonly SigningKey[]): Promise<boolean> {
    if (keys.some(({ state }) => state === 'next') || !(await isRotationDue(sql, times))) return false;
    try {
      await addNextKey(sql, await folder.make(), 'after_lead');
      return false;
    } catch (error) {
      if (error instanceof FolderReadOnly) return true;
      throw error;
    }
  }

  async function step(sql: Transaction, held: readonly HeldKey[]): Promise<KeyConcerns> {
    await takeUp(sql, held);
    await notePublished(sql);
    const activated = await activateNext(sql, times);
    await retirePrevious(sql, times);
    const keys = await readSigningKeys(sql);
    const rotationDue = await beginRotation(sql, keys);
    const next = keys.find(({ state }) => state === 'next');
    const newest = next ?? keys.find(({ state }) => state === 'current');
    const replicas = next ? await laggardsOf(sql, next.kid) : [];
    const consumers = newest
      ? (await readConsumers(sql)).filter(({ kids }) => !kids.includes(newest.kid))
      : [];
    if (activated && consumers.length > 0)
      logger.warn({ kid: activated, consumers: names(consumers) }, 'a new key signs that consumers lack');
    return { replicas, consumers, rotationDue };
  }

  function tellNews(before: KeyConcerns, { replicas, rotationDue }: KeyConcerns): void {
    const lagging = replicas.map(({ name }) => name);
    if (lagging.length > 0 && lagging.join() !== before.replicas.map(({ name }) => name).join())
      logger.warn({ replicas: lagging }, 'the next key waits for replicas that have not loaded it');
    if (rotationDue && !before.rotationDue)
      logger.warn('a rotation of the signing key is due, and its directory is read-only');
  }

  return {
    async tend(held) {
      const found = await database.transaction(async (sql) =>
        (await tryLockKeys(sql)) ? step(sql, held) : undefined,
      );
      if (!found) return;
      tellNews(concerns, found);
      concerns = found;
    },
    concerns: () => concerns,
  };
}

/** Whether something may have to be done at once; else a look now and then is enough. */
export const isTurning = (keys: readonly SigningKey[], held: readonly HeldKey[]): boolean =>
  keys.some(({ state }) => state === 'next') ||
  held.some((file) => !keys.some(({ kid }) => kid === file.kid));

/** Files that no row knows: the first key there ever is signs at once, any other is the next one. */
export async function takeUp(sql: Transaction, held: readonly HeldKey[]): Promise<void> {
  const keys = await readSigningKeys(sql);
  const known = new Set(keys.map(({ kid }) => kid));
  const [newest] = held
    .filter(({ kid }) => !known.has(kid))
    .sort((one, other) => other.since.getTime() - one.since.getTime() || one.file.localeCompare(other.file));
  if (!newest) return;
  if (keys.length === 0) return addFirstKey(sql, newest);
  if (!keys.some(({ state }) => state === 'next')) await addNextKey(sql, newest, 'after_lead');
}

async function isRotationDue(sql: Transaction, { rotationDays }: KeyTimes): Promise<boolean> {
  if (rotationDays === 0) return false;
  const due = await sql.query(
    `SELECT FROM identity."SigningKey"
     WHERE state = 'current' AND activated_at <= now() - make_interval(days => $1)`,
    [rotationDays],
  );
  return due.length > 0;
}

export const names = (consumers: readonly KeyConsumer[]) =>
  consumers.map(({ service, instance }) => `${service} at ${instance}`);
