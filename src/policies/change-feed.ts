import { setTimeout as after } from 'node:timers/promises';
import type { Sql } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import type { EpochWatch } from './epoch-watch.js';

/** Milliseconds between two looks of this process, however many wait. */
const LOOK_EVERY = 250;
const MOST_WAITERS = 200;
const PAGE = 1000;

/** A subject, role or domain whose rights changed; `Platform` and `*` stand for everybody. */
export interface PolicyChange {
  subjectType: string;
  subjectId: string;
  policyVersion: number;
}

export interface PolicyChanges {
  changes: PolicyChange[];
  /** What the next call names. */
  cursor: string;
  /** Whether there is more by now than an answer holds: false says that this is all until the call. */
  more: boolean;
}

export interface ChangeFeed {
  /**
   * What changed after a cursor; waits for the first change if there is none yet.
   * @param cursor undefined: from now on, answered at once
   * @throws Problem `request.too_many` (429) when too many wait already, `request.unavailable` (503)
   */
  read(cursor: string | undefined, waitMs: number): Promise<PolicyChanges>;
  /** Lets everybody go who waits, and nobody wait any more. */
  stop(): void;
}

/**
 * A subject has one row, of its last change, and epochs become visible in their order (docs/decisions/0005): so nothing
 * is skipped, however long nobody read, and nothing grows.
 */
const READ = `
  SELECT subject_type AS "subjectType", subject_id AS "subjectId", epoch::float8 AS "policyVersion"
  FROM identity."PolicyEpoch" WHERE epoch > $1 ORDER BY epoch LIMIT ${PAGE + 1}`;

const NEWEST = 'SELECT coalesce(max(epoch), 0)::float8 AS newest FROM identity."PolicyEpoch"';

/** What sisters drop from their caches (P3). @param monotonicNow milliseconds */
export function createChangeFeed(options: {
  database: Sql;
  watch: EpochWatch;
  monotonicNow: () => number;
}): ChangeFeed {
  const { database, watch, monotonicNow } = options;
  const stopped = new AbortController();
  let waiters = 0;

  async function newestEpoch(): Promise<number> {
    const [row] = await database.query<{ newest: number }>(NEWEST);
    return row?.newest ?? 0;
  }

  async function readAfter(epoch: number): Promise<PolicyChanges | undefined> {
    const found = await database.query<PolicyChange>(READ, [epoch]);
    const changes = found.slice(0, PAGE);
    const last = changes.at(-1);
    return last && { changes, cursor: `${last.policyVersion}`, more: found.length > PAGE };
  }

  async function wait(epoch: number, waitMs: number): Promise<PolicyChanges | undefined> {
    const deadline = monotonicNow() + waitMs;
    while (!stopped.signal.aborted && monotonicNow() < deadline) {
      const pause = Math.min(LOOK_EVERY, deadline - monotonicNow());
      await after(pause, undefined, { signal: stopped.signal }).catch(() => undefined);
      await watch.notOlderThan(LOOK_EVERY);
      if (watch.newest() > epoch) return readAfter(epoch);
    }
    return undefined;
  }

  return {
    async read(cursor, waitMs) {
      const newest = await newestEpoch();
      if (cursor === undefined) return { changes: [], cursor: `${newest}`, more: false };
      const epoch = Number(cursor);
      if (epoch > newest) {
        // The database was put back to an earlier state: whatever was cached may be wrong.
        const everybody = { subjectType: 'Platform', subjectId: '*', policyVersion: newest };
        return { changes: [everybody], cursor: `${newest}`, more: false };
      }
      const at = await readAfter(epoch);
      if (at) return at;
      if (waiters >= MOST_WAITERS)
        throw new Problem(requestErrors.too_many, { headers: { 'Retry-After': '1' } });
      waiters += 1;
      try {
        return (await wait(epoch, waitMs)) ?? { changes: [], cursor: `${epoch}`, more: false };
      } finally {
        waiters -= 1;
      }
    },
    stop: () => stopped.abort(),
  };
}
