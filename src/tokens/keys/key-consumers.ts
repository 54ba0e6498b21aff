import type { Database, Sql } from '../../database/database.js';
import type { Logger } from '../../telemetry/logger.js';

const MOST_KIDS = 20;
/** Milliseconds within which the same news is not written again, and how much of it is remembered. */
const SAID_FOR_MS = 60_000;
const MOST_REMEMBERED = 1000;

/** A sister that told us, proven by its token, which keys it verifies by. */
export interface KeyConsumer {
  service: string;
  /** Which of the service's processes: its address. */
  instance: string;
  kids: string[];
  seenAt: Date;
}

/** The header `X-Loaded-Kids`: at most twenty key ids, separated by commas; what is no key id is left out. */
export function parseLoadedKids(header: string | undefined): string[] {
  const kids = (header ?? '')
    .slice(0, 2000)
    .split(',')
    .map((kid) => kid.trim());
  return [...new Set(kids.filter((kid) => /^[A-Za-z0-9_-]{1,64}$/.test(kid)))].sort().slice(0, MOST_KIDS);
}

export type NoteConsumer = (consumer: Omit<KeyConsumer, 'seenAt'>) => Promise<void>;

/**
 * Writes down which keys a consumer holds: at once when that has changed, else once a minute. Never throws, since no
 * call may fail for it.
 * @param monotonicNow milliseconds that never jump
 */
export function createNoteConsumer(options: {
  database: Database;
  monotonicNow: () => number;
  logger: Pick<Logger, 'warn'>;
}): NoteConsumer {
  const { database, monotonicNow, logger } = options;
  const said = new Map<string, { kids: string; until: number }>();
  return async ({ service, instance, kids }) => {
    const who = `${service} ${instance}`;
    const before = said.get(who);
    const now = monotonicNow();
    if (before?.kids === kids.join() && now < before.until) return;
    if (said.size >= MOST_REMEMBERED) said.clear();
    said.set(who, { kids: kids.join(), until: now + SAID_FOR_MS });
    try {
      await database.query(
        `INSERT INTO identity."KeyConsumer" (service, instance, kids) VALUES ($1, $2, $3)
         ON CONFLICT (service, instance) DO UPDATE SET kids = excluded.kids, seen_at = now()`,
        [service, instance, kids.slice(0, MOST_KIDS)],
      );
    } catch (error) {
      said.delete(who);
      logger.warn({ err: error, service }, 'the keys of a consumer were not written down');
    }
  };
}

const SEEN = `consumer.seen_at > now() - interval '24 hours'`;

/** In a WHERE about the key `key`: whether a consumer seen within a day lacks it. */
export const CONSUMER_LACKS = `EXISTS (SELECT FROM identity."KeyConsumer" AS consumer WHERE ${SEEN} AND NOT consumer.kids @> ARRAY[key.kid])`;

/** Consumers seen within a day. */
export function readConsumers(sql: Sql): Promise<KeyConsumer[]> {
  return sql.query<KeyConsumer>(
    `SELECT service, instance, kids, seen_at AS "seenAt" FROM identity."KeyConsumer" AS consumer
     WHERE ${SEEN} ORDER BY service, instance`,
  );
}
