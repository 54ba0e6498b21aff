import type { Database } from '../../database/database.js';
import { Problem } from '../../errors/problem.js';
import { requestErrors } from '../../errors/request-errors.js';
import type { Logger } from '../../telemetry/logger.js';
import type { Signer } from '../signer.js';
import type { HeldKey, KeyFolder } from './key-folder.js';
import { type KeyView, kidOf, toKeyView } from './key-view.js';
import { BEAT_EVERY_MS, beat, leave, MAY_SIGN_FOR_MS } from './replicas.js';
import { readSigningKeys, type SigningKey } from './signing-key.js';

export interface KeyRing {
  /** What signs access tokens now. @throws Problem 503 while that is not known for sure, or not held here */
  currentSigner(): Signer;
  /** What `/jw-certs` shows, the current key first: the same array until it changes. Undefined while nothing is known. */
  published(): readonly Signer[] | undefined;
  /** @throws Problem 503 for a key that is unknown while others may be published of which we have not heard */
  findPublished(kid: string): Signer | undefined;
  /** Keys that somebody else may hold (contract §2, status lists). */
  revokedKids(): readonly string[];
  /** The rows as they were last read. */
  keys(): readonly SigningKey[];
  held(): readonly HeldKey[];
  /** Whether the current key is known and held: else this replica must get no requests. */
  isUsable(): boolean;
  /** Looks at files and rows, and says that this replica lives. To be called each second. */
  look(): Promise<void>;
  /** Signs no more, and is waited for no more. */
  leave(): Promise<void>;
}

/**
 * The keys as one replica sees them: rows say what is to be done with a key, files make it one of ours (a row alone
 * makes nobody trust a key). Minting and verifying read memory.
 * @param monotonicNow milliseconds that never jump
 * @param first what the process started with: while the database was never reached, a single key is shown, as it can
 * be no other; several are not, as one may have been retired
 */
export function createKeyRing(options: {
  database: Database;
  folder: KeyFolder;
  first: readonly HeldKey[];
  replica: { id: string; name: string };
  monotonicNow: () => number;
  logger: Pick<Logger, 'info' | 'warn'>;
}): KeyRing {
  const { database, folder, first, replica, monotonicNow, logger } = options;
  const alone = first.length === 1 ? first : undefined;
  let held: readonly HeldKey[] = first;
  let view: KeyView | undefined;
  let beaten = { kids: '', at: Number.NEGATIVE_INFINITY };
  let maySignUntil = Number.NEGATIVE_INFINITY;

  async function read(): Promise<void> {
    const keys = await readSigningKeys(database);
    // The file of a key that has signed may go while we live; a next key is cancelled that way.
    const inUse = new Set(keys.filter(({ state }) => state === 'current' || state === 'previous').map(kidOf));
    const files = await folder.read().catch((error: unknown) => {
      logger.warn({ err: error }, 'the directory of keys could not be read');
      return held;
    });
    const there = new Set(files.map(kidOf));
    held = [...files, ...held.filter(({ kid }) => inUse.has(kid) && !there.has(kid))];
    const next = toKeyView(keys, held, view);
    if (next.current?.kid !== view?.current?.kid)
      logger.info({ kid: next.current?.kid }, 'another key signs');
    view = next;
  }

  /** With the keys that are shown, not with those that merely lie there: whoever shows a key verifies by it. */
  async function sayAlive(): Promise<number> {
    const kids = (view?.published ?? []).map(kidOf);
    const at = monotonicNow();
    if (beaten.kids === kids.join() && at < beaten.at + BEAT_EVERY_MS) return beaten.at;
    await beat(database, { ...replica, kids });
    beaten = { kids: kids.join(), at };
    return at;
  }

  const unavailable = (detail: string) =>
    new Problem(requestErrors.unavailable, { headers: { 'Retry-After': '2' }, detail });

  return {
    currentSigner() {
      if (monotonicNow() >= maySignUntil) throw unavailable('Which key signs is not known for sure');
      if (!view?.current) throw unavailable('The key that signs is not loaded here');
      return view.current;
    },
    published: () => view?.published ?? alone,
    findPublished(kid) {
      const found = (view?.published ?? alone)?.find((key) => key.kid === kid);
      if (!found && monotonicNow() >= maySignUntil)
        throw unavailable('Which keys are ours is not known for sure');
      return found;
    },
    revokedKids: () => view?.revoked ?? [],
    keys: () => view?.keys ?? [],
    held: () => held,
    isUsable: () => view?.current !== undefined,
    async look() {
      const asked = monotonicNow();
      await read();
      maySignUntil = Math.min(asked, await sayAlive()) + MAY_SIGN_FOR_MS;
    },
    async leave() {
      maySignUntil = Number.NEGATIVE_INFINITY;
      await leave(database, replica.id).catch((error: unknown) =>
        logger.warn({ err: error }, 'other replicas will wait for this one for a while'),
      );
    },
  };
}
