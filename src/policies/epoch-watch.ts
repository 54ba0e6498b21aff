import type { Sql } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';

/** More changes than this at once, and it is cheaper to forget everything. */
const MOST_CHANGES = 5000;

export interface EpochWatch {
  /**
   * Resolves when every change that had committed so many milliseconds ago is known here.
   * @throws Problem `request.unavailable` (503) when the database doesn't say in time (D8: rights fail closed)
   */
  notOlderThan(ms: number): Promise<void>;
  /** The newest epoch that is known. */
  newest(): number;
}

/** A subject, as `<type>_<id>`, and the epoch of its last change. */
export type EpochOf = readonly [subject: string, epoch: number];

interface Row {
  newest: number;
  changed: EpochOf[];
}

/** Epochs become visible in their order (docs/decisions/0005): what is above the last known one is all that is new. */
const READ = `
  SELECT coalesce((SELECT max(epoch) FROM identity."PolicyEpoch"), 0)::float8 AS newest,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(subject_type || '_' || subject_id, epoch)), '[]')
     FROM (SELECT * FROM identity."PolicyEpoch" WHERE epoch > $1 ORDER BY epoch LIMIT ${MOST_CHANGES + 1}) AS later) AS changed`;

/**
 * Tells one process whose rights have changed, by whichever replica or hand. It reads when somebody asks and what it
 * knows is too old; all who ask meanwhile share one reading.
 * @param onChange undefined for too many to name
 * @param monotonicNow milliseconds
 */
export function createEpochWatch(options: {
  database: Sql;
  monotonicNow: () => number;
  onChange: (changed: readonly EpochOf[] | undefined) => void;
}): EpochWatch {
  const { database, monotonicNow, onChange } = options;
  let newest: number | undefined;
  let knownAt = Number.NEGATIVE_INFINITY;
  let flight: Promise<void> | undefined;

  async function read(): Promise<void> {
    const begun = monotonicNow();
    const [row] = await database.query<Row>(READ, [newest ?? Number.MAX_SAFE_INTEGER]);
    if (!row) throw new Error('a statement without FROM answered no row');
    // A database that was put back to an earlier state counts from there again.
    const isAll = newest !== undefined && row.newest >= newest && row.changed.length <= MOST_CHANGES;
    if (!isAll) onChange(undefined);
    else if (row.changed.length > 0) onChange(row.changed);
    newest = row.newest;
    knownAt = begun;
  }

  return {
    async notOlderThan(ms) {
      for (let attempt = 0; monotonicNow() - knownAt > ms; attempt += 1) {
        if (attempt === 2) throw new Problem(requestErrors.unavailable, { headers: { 'Retry-After': '2' } });
        flight ??= read().finally(() => {
          flight = undefined;
        });
        await flight;
      }
    },
    newest: () => newest ?? 0,
  };
}
