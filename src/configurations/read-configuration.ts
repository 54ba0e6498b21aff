import type { z } from 'zod';
import type { Sql } from '../database/database.js';
import type { Logger } from '../telemetry/logger.js';
import type { Configuration } from './configuration.js';

/** How long a change may stay unseen, and how many answers are kept. */
const KEPT_MS = 3000;
const KEPT_AT_MOST = 2000;

/**
 * The merchant's active row of this code, else the platform's, else undefined. A row whose data doesn't fit the
 * schema is told in the log and read as it was when it last did; if it never did, as if it were not there.
 */
export type ReadConfiguration = <Schema extends z.ZodType>(
  code: string,
  merchantId: string | null,
  schema: Schema,
) => Promise<Configuration<z.infer<Schema>> | undefined>;

interface Row {
  id: string;
  code: string;
  merchant_id: string | null;
  data: unknown;
  credential: string | null;
}

/** @param monotonicNow milliseconds that never jump */
export function createReadConfiguration(options: {
  sql: Sql;
  monotonicNow: () => number;
  logger: Logger;
}): ReadConfiguration {
  const { sql, monotonicNow, logger } = options;
  const kept = new Map<string, { rows: Promise<Row[]>; until: number }>();
  const lastGood = new Map<string, unknown>();

  function rowsOf(code: string, merchantId: string | null): Promise<Row[]> {
    const key = JSON.stringify([code, merchantId]);
    const known = kept.get(key);
    if (known && monotonicNow() < known.until) return known.rows;
    const rows = sql.query<Row>(FIND, [code, merchantId]);
    keep(kept, key, { rows, until: monotonicNow() + KEPT_MS });
    rows.catch(() => kept.delete(key)); // the next call asks again
    return rows;
  }

  return async (code, merchantId, schema) => {
    for (const row of await rowsOf(code, merchantId)) {
      const parsed = schema.safeParse(row.data);
      if (parsed.success) keep(lastGood, row.id, parsed.data);
      else logger.error({ configuration: row.id, code, problems: problems(parsed.error) }, 'unusable data');
      const data = parsed.success ? parsed.data : (lastGood.get(row.id) as typeof parsed.data);
      if (data === undefined) continue;
      return { id: row.id, code, merchantId: row.merchant_id, data, credential: row.credential };
    }
    return undefined;
  };
}

/** The merchant's row before the platform's. */
const FIND = `
  SELECT id, code, merchant_id, data, credential FROM public."Configuration"
  WHERE code = $1 AND status = 'ACTIVE' AND (merchant_id = $2 OR merchant_id IS NULL)
  ORDER BY merchant_id NULLS LAST`;

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key); // a Map keeps the place of a known key: the newest goes to the end
  const [oldest] = map.keys();
  if (map.size >= KEPT_AT_MOST && oldest !== undefined) map.delete(oldest);
  map.set(key, value);
}

/** Paths and codes, never values: data may hold what doesn't belong into a log. */
const problems = (error: z.ZodError) => error.issues.map(({ path, code }) => `${path.join('.')}: ${code}`);
