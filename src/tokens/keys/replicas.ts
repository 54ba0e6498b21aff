import type { Sql } from '../../database/database.js';

/** Milliseconds: how often a replica says that it lives, and for how long after that it may sign at most. */
export const BEAT_EVERY_MS = 5000;
export const MAY_SIGN_FOR_MS = 15_000;
/** Longer than a replica may sign without a sign of life, so that nobody signs who no longer counts. */
const LIVES_S = 20;

/** Another server, or this one, that may sign. */
export interface Replica {
  id: string;
  /** For people: host and process. */
  name: string;
  /** Whose private parts it holds. */
  kids: string[];
  seenAt: Date;
}

/** In a WHERE: replicas that live. */
const LIVE = `replica.seen_at > now() - interval '${LIVES_S} seconds'`;

/** In a WHERE about the key `key`: whether a live replica lacks it, and whether one holds it. */
export const LACKED = `EXISTS (SELECT FROM identity."Replica" AS replica WHERE ${LIVE} AND NOT replica.kids @> ARRAY[key.kid])`;
export const HELD = `EXISTS (SELECT FROM identity."Replica" AS replica WHERE ${LIVE} AND replica.kids @> ARRAY[key.kid])`;

export async function beat(sql: Sql, replica: Omit<Replica, 'seenAt'>): Promise<void> {
  await sql.query(
    `INSERT INTO identity."Replica" (id, name, kids) VALUES ($1, $2, $3)
     ON CONFLICT (id) DO UPDATE SET kids = excluded.kids, seen_at = now()`,
    [replica.id, replica.name, replica.kids],
  );
}

export async function leave(sql: Sql, id: string): Promise<void> {
  await sql.query('DELETE FROM identity."Replica" WHERE id = $1', [id]);
}

export function readLiveReplicas(sql: Sql): Promise<Replica[]> {
  return sql.query<Replica>(
    `SELECT id, name, kids, seen_at AS "seenAt" FROM identity."Replica" AS replica WHERE ${LIVE} ORDER BY name, id`,
  );
}

/** Live replicas that have not loaded the key. */
export async function laggardsOf(sql: Sql, kid: string): Promise<Replica[]> {
  return (await readLiveReplicas(sql)).filter((replica) => !replica.kids.includes(kid));
}
