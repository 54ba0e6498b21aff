import type { Sql } from '../database/database.js';

const BATCH = 500;

/**
 * A minute is over when nobody can still be counting in it: no statement of ours lives as long as the ten seconds.
 * One statement: a count is in one of the two tables, and two workers never move the same one.
 */
const MOVE = `
  WITH due AS (
    SELECT minute, action, call, source, actor_id FROM identity."RefusalCount"
    WHERE minute < date_trunc('minute', now() - interval '10 seconds')
    ORDER BY minute LIMIT ${BATCH} FOR UPDATE SKIP LOCKED),
  gone AS (
    DELETE FROM identity."RefusalCount" AS counted USING due
    WHERE (counted.minute, counted.action, counted.call, counted.source, counted.actor_id)
      = (due.minute, due.action, due.call, due.source, due.actor_id)
    RETURNING counted.*),
  moved AS (
    INSERT INTO identity."AuditEvent" (actor_type, actor_id, action, after, count, personal)
    SELECT CASE WHEN actor_id = '' THEN 'anonymous' ELSE 'service' END, nullif(actor_id, ''), action,
      jsonb_build_object('call', call, 'minute', to_char(minute AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"'))
        || CASE WHEN source = '*' THEN '{"sources": "others"}'::jsonb ELSE '{}' END,
      count, personal FROM gone)
  SELECT count(*)::integer AS moved FROM gone`;

/** Brings the refusals of past minutes into the trail: one row a source, call and minute. Returns how many rows. */
export async function moveRefusals(database: Sql): Promise<number> {
  let total = 0;
  for (;;) {
    const [row] = await database.query<{ moved: number }>(MOVE);
    const moved = row?.moved ?? 0;
    total += moved;
    if (moved < BATCH) return total;
  }
}
