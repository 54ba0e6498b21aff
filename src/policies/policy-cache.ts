import { LRUCache } from 'lru-cache';
import type { Sql } from '../database/database.js';
import { createEpochWatch, type EpochWatch } from './epoch-watch.js';
import { loadPolicies, type SubjectPolicies } from './load-policies.js';
import type { PolicySubject } from './policy-row.js';

/** Milliseconds: no answer is given from policies older than this (P3). */
const OLDEST = 1000;
/** From here on what is known is renewed beside the answer, so that few who ask have to wait. */
const RENEW_AFTER = 500;
/** Rows, of all subjects together: about 100 MB at the most. */
const MOST_ROWS = 200_000;
const MOST_SUBJECTS = 10_000;

export interface PolicyCache {
  /**
   * A subject's rights as they were a second ago or later.
   * @throws Problem `request.unavailable` (503) when the database doesn't answer in time
   */
  of(subject: PolicySubject): Promise<SubjectPolicies>;
  /** For whoever waits for changes. */
  watch: EpochWatch;
}

const keyOf = ({ type, id }: PolicySubject): string => `${type}_${id}`;

/** Compiled policies by subject, dropped as soon as the watch tells of a change that reaches them. */
export function createPolicyCache(options: { database: Sql; monotonicNow: () => number }): PolicyCache {
  const { database, monotonicNow } = options;
  const reachedBy = new Map<string, Set<string>>();
  const flights = new Map<string, Promise<SubjectPolicies>>();
  const cache = new LRUCache<string, SubjectPolicies>({
    max: MOST_SUBJECTS,
    maxSize: MOST_ROWS,
    sizeCalculation: ({ index, reach }) => index.size + reach.length + 1,
    dispose: ({ reach }, key) => {
      for (const one of reach) {
        const subjects = reachedBy.get(one);
        subjects?.delete(key);
        if (subjects?.size === 0) reachedBy.delete(one);
      }
    },
    noDisposeOnSet: false,
  });
  const watch = createEpochWatch({
    database,
    monotonicNow,
    onChange: (changed) => {
      if (!changed) return cache.clear();
      for (const [subject, epoch] of changed) {
        for (const key of [...(reachedBy.get(subject) ?? [])]) {
          // What was read after the change has it already.
          if ((cache.peek(key)?.asOf ?? 0) < epoch) cache.delete(key);
        }
      }
    },
  });

  function keep(key: string, policies: SubjectPolicies): void {
    cache.set(key, policies);
    if (!cache.has(key)) return; // larger than all that may be kept
    for (const one of policies.reach) reachedBy.set(one, (reachedBy.get(one) ?? new Set()).add(key));
  }

  /** What the watch already knows of may have happened after the statement: then it is read again. */
  async function load(subject: PolicySubject): Promise<SubjectPolicies> {
    for (let attempt = 1; ; attempt += 1) {
      const policies = await loadPolicies(database, subject);
      const isCurrent = policies.asOf >= watch.newest();
      if (isCurrent) keep(keyOf(subject), policies);
      if (isCurrent || attempt === 3) return policies;
    }
  }

  return {
    watch,
    async of(subject) {
      await watch.notOlderThan(OLDEST);
      watch.notOlderThan(RENEW_AFTER).catch(() => undefined); // who asks when it is too old hears of it
      const key = keyOf(subject);
      const known = cache.get(key);
      if (known) {
        // What the watch knows of and would have changed this has dropped it.
        known.asOf = Math.max(known.asOf, watch.newest());
        return known;
      }
      const flight = flights.get(key) ?? load(subject).finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
  };
}
