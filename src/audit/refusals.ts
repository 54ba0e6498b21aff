import { createHmac } from 'node:crypto';
import type { Sql } from '../database/database.js';
import { addressBucket } from '../http/limits.js';
import type { Logger } from '../telemetry/logger.js';
import type { AuditAction } from './action.js';
import { sealValues } from './personal-values.js';
import type { SubjectKeys } from './subject-keys.js';

export interface Refusal {
  action: Extract<AuditAction, 'service.refused' | 'sign_in.refused'>;
  /** What was called, from a fixed set: never a text that a stranger chose. */
  call: string;
  address: string;
  /** The service that has proven itself, where that is not what was refused. */
  serviceId?: string;
}

/** Returns at once and never throws: the refusal neither waits for it nor depends on it. */
export type CountRefusal = (refusal: Refusal) => void;

/** Distinct sources a minute that get rows of their own; also what one process holds when PostgreSQL is away. */
const SOURCES = 1000;
const RETRY_MS = 5000;
/** Stands for the sources past the bound: one row a call. */
const OTHERS = '*';

/**
 * Counts refusals by source (an IPv6 /64 is one), call and minute, so that strangers can't fill the disk. What comes
 * while a statement is under way waits for the next: a flood costs one connection, and a quiet refusal is in the
 * table within a round trip.
 */
export function createRefusalCounter(options: {
  database: Sql;
  keys: SubjectKeys;
  /** Makes a source's name in the table unreadable. 32 bytes */
  hmacKey: Buffer;
  now: () => number;
  logger: Logger;
  sources?: number;
}): { count: CountRefusal; settled(): Promise<void> } {
  const { database, logger, sources = SOURCES } = options;
  let waiting = new Map<string, Refusal & { count: number }>();
  let flushing: Promise<void> | undefined;
  let quietUntil = 0;

  function add(refusal: Refusal, count: number): void {
    const { action, call, serviceId = '' } = refusal;
    const source = addressBucket(refusal.address);
    const name = [action, call, source, serviceId].join('\n');
    const isFull = !waiting.has(name) && waiting.size >= sources;
    const key = isFull ? [action, call, OTHERS].join('\n') : name;
    const counted = waiting.get(key);
    if (counted) counted.count += count;
    else
      waiting.set(
        key,
        isFull ? { action, call, address: OTHERS, count } : { ...refusal, address: source, count },
      );
  }

  async function flush(): Promise<void> {
    while (waiting.size > 0) {
      const batch = [...waiting.values()];
      waiting = new Map();
      try {
        await database.query(COUNT, [JSON.stringify(await toRows(options, batch)), sources]);
      } catch (error) {
        for (const { count, ...refusal } of batch) add(refusal, count);
        quietUntil = options.now() + RETRY_MS;
        logger.warn({ err: error }, 'refusals could not be counted yet');
        return;
      }
    }
  }

  return {
    count(refusal) {
      add(refusal, 1);
      if (flushing || options.now() < quietUntil) return;
      flushing = flush().finally(() => {
        flushing = undefined;
      });
    },
    settled: async () => flushing,
  };
}

async function toRows(
  { database, keys, hmacKey, now }: Parameters<typeof createRefusalCounter>[0],
  batch: (Refusal & { count: number })[],
): Promise<object[]> {
  const owner = { type: 'source', id: new Date(now()).toISOString().slice(0, 7) } as const;
  const rows: object[] = [];
  for (const { action, call, address, serviceId = '', count } of batch) {
    const isOthers = address === OTHERS;
    const source = isOthers ? OTHERS : createHmac('sha256', hmacKey).update(address).digest('base64url');
    const personal = isOthers ? null : [await sealValues(keys, database, owner, { address })];
    rows.push({ action, call, source, actor_id: serviceId, personal, count });
  }
  return rows;
}

/** One atomic upsert; in the order of the key, so that two replicas don't wait for each other. */
const COUNT = `
  WITH this AS (SELECT date_trunc('minute', now()) AS minute),
  given AS (
    SELECT refusal.*, refusal.source = '*' OR EXISTS (
      SELECT FROM identity."RefusalCount" AS counted
      WHERE counted.minute = this.minute AND counted.action = refusal.action AND counted.call = refusal.call
        AND counted.source = refusal.source AND counted.actor_id = refusal.actor_id) AS known
    FROM this, jsonb_to_recordset($1::jsonb)
      AS refusal (action text, call text, source text, actor_id text, personal jsonb, count integer)),
  placed AS (
    SELECT given.*, known OR $2 >= (SELECT count(*) FROM identity."RefusalCount" AS counted, this
        WHERE counted.minute = this.minute AND counted.source <> '*')
      + row_number() OVER (PARTITION BY known ORDER BY action, call, source, actor_id) AS fits
    FROM given)
  INSERT INTO identity."RefusalCount" AS counted (minute, action, call, source, actor_id, personal, count)
  SELECT this.minute, action, call, CASE WHEN fits THEN source ELSE '*' END AS place,
    CASE WHEN fits THEN actor_id ELSE '' END AS who,
    (array_agg(CASE WHEN fits THEN personal END))[1], sum(placed.count)
  FROM placed, this GROUP BY this.minute, action, call, place, who ORDER BY this.minute, action, call, place, who
  ON CONFLICT (minute, action, call, source, actor_id) DO UPDATE SET count = counted.count + excluded.count`;
