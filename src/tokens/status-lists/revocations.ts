import type { Sql } from '../../database/database.js';
import type { StatusPlace } from './status-place.js';

/** One list as it stands: its bits, and a number that grows with each change. */
export interface RevocationList {
  id: number;
  size: number;
  /** Bit i is bit i % 8, from the lowest, of byte i / 8 (draft-ietf-oauth-status-list §4.1). */
  bits: Uint8Array;
  revision: number;
}

/** What a refresh found, besides what was known: for whoever keeps a copy elsewhere. */
export interface RevocationNews {
  revoked: StatusPlace[];
  dropped: number[];
}

export interface Revocations {
  /** Reads what was revoked since the last time. */
  refresh(): Promise<RevocationNews>;
  /** Undefined for a list that doesn't exist, or before the first refresh. */
  list(id: number): RevocationList | undefined;
  all(): Iterable<RevocationList>;
  /** Whether the database was read once: nothing may be called unrevoked before. */
  loaded(): boolean;
}

interface Row {
  horizon: string;
  lists: { id: number; size: number }[];
  revoked: [list: number, idx: number][];
}

/**
 * A snapshot's own xmin is what the next read starts from: whatever had not committed by then is read again, so that a
 * writer who commits late is never missed (D7). What is read twice is a bit set twice.
 */
const READ = `
  SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'size', size)), '[]') FROM identity."StatusList") AS lists,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(list_id, idx)), '[]')
     FROM identity."Revocation" WHERE xid >= $1::xid8) AS revoked`;

/** This process's copy of what is revoked, read from PostgreSQL: a flush of Redis takes nothing away from it (D8). */
export function createRevocations(database: Sql): Revocations {
  const lists = new Map<number, RevocationList>();
  let horizon = '0';
  let isLoaded = false;

  function keepLists(known: Row['lists']): number[] {
    for (const { id, size } of known) {
      if (!lists.has(id)) lists.set(id, { id, size, bits: new Uint8Array(Math.ceil(size / 8)), revision: 0 });
    }
    const ids = new Set(known.map(({ id }) => id));
    const dropped = [...lists.keys()].filter((id) => !ids.has(id));
    for (const id of dropped) lists.delete(id);
    return dropped;
  }

  /** Whether it was news. */
  function revoke(id: number, idx: number): boolean {
    const list = lists.get(id);
    const byte = list?.bits[idx >> 3];
    if (!list || byte === undefined || byte & (1 << (idx & 7))) return false;
    list.bits[idx >> 3] = byte | (1 << (idx & 7));
    list.revision += 1;
    return true;
  }

  return {
    async refresh() {
      const [row] = await database.query<Row>(READ, [horizon]);
      if (!row) throw new Error('a statement without FROM answered no row');
      const dropped = keepLists(row.lists);
      const news = row.revoked.filter(([id, idx]) => revoke(id, idx));
      horizon = row.horizon;
      isLoaded = true;
      return { revoked: news.map(([list, idx]) => ({ list, idx })), dropped };
    },
    list: (id) => lists.get(id),
    all: () => lists.values(),
    loaded: () => isLoaded,
  };
}
