import { randomBytes } from 'node:crypto';
import type { Sql } from '../database/database.js';
import type { SealedText } from '../database/sealed-text.js';

/** Whose key: `source` is a month of strangers, named `2026-11`. */
export interface KeyOwner {
  type: 'user' | 'service' | 'source';
  id: string;
}

export interface SubjectKeys {
  /** The key to seal with, made at its first use: whoever comes second gets the first one's. 32 bytes. */
  forSealing(sql: Sql, owner: KeyOwner): Promise<Buffer>;
  /**
   * The keys that are still there and open under the master key, by `type/id`. Always asked of the table, so a dropped
   * key opens nothing.
   */
  forReading(sql: Sql, owners: readonly string[]): Promise<Map<string, Buffer>>;
}

/** How long a key is remembered for sealing. Sealed with a key that was dropped meanwhile, a value can't be read. */
const KEPT_MS = 300_000;
const KEPT_AT_MOST = 5000;

export const ownerName = ({ type, id }: KeyOwner): string => `${type}/${id}`;

/** `own`: made in this very transaction, which may still be rolled back. */
const TAKE = `
  WITH made AS (
    INSERT INTO identity."SubjectKey" (subject_type, subject_id, sealed_key) VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING RETURNING sealed_key)
  SELECT sealed_key, true AS own FROM made
  UNION ALL
  SELECT sealed_key, xmin IS NOT DISTINCT FROM pg_current_xact_id_if_assigned()::xid FROM identity."SubjectKey"
  WHERE subject_type = $1 AND subject_id = $2`;

/**
 * The key of each subject (X1), itself sealed by the master key, so that a dump of the table opens nothing.
 * @param monotonicNow milliseconds that never jump
 */
export function createSubjectKeys(options: { master: SealedText; monotonicNow: () => number }): SubjectKeys {
  const { master, monotonicNow } = options;
  const kept = new Map<string, { key: Buffer; until: number }>();
  const context = (name: string) => `identity.SubjectKey/${name}/sealed_key`;
  const open = (sealed: string, name: string) => Buffer.from(master.open(sealed, context(name)), 'base64url');

  /** Nothing when the master key is another one now: who did what can be read all the same. */
  function tryOpen(sealed: string, name: string): [string, Buffer][] {
    try {
      return [[name, open(sealed, name)]];
    } catch {
      return [];
    }
  }

  function keep(name: string, key: Buffer): void {
    const [oldest] = kept.keys();
    if (kept.size >= KEPT_AT_MOST && oldest !== undefined) kept.delete(oldest);
    kept.delete(name); // a Map keeps the place of a known key: the newest goes to the end
    kept.set(name, { key, until: monotonicNow() + KEPT_MS });
  }

  return {
    async forSealing(sql, owner) {
      const name = ownerName(owner);
      const known = kept.get(name);
      if (known && monotonicNow() < known.until) return known.key;
      const candidate = master.seal(randomBytes(32).toString('base64url'), context(name));
      // Somebody else's row may have come after this statement began to look: then the next one sees it.
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const [row] = await sql.query<{ sealed_key: string; own: boolean }>(TAKE, [
          owner.type,
          owner.id,
          candidate,
        ]);
        if (!row) continue;
        const key = open(row.sealed_key, name);
        if (!row.own) keep(name, key);
        return key;
      }
      throw new Error(`no key could be had for a ${owner.type}`);
    },
    async forReading(sql, owners) {
      if (owners.length === 0) return new Map();
      const rows = await sql.query<{ name: string; sealed_key: string }>(
        `SELECT subject_type || '/' || subject_id AS name, sealed_key FROM identity."SubjectKey"
         WHERE (subject_type, subject_id) IN
           (SELECT split_part(name, '/', 1), substr(name, strpos(name, '/') + 1) FROM unnest($1::text[]) AS name)`,
        [owners],
      );
      return new Map(rows.flatMap(({ name, sealed_key }) => tryOpen(sealed_key, name)));
    },
  };
}

/** X1: from then on nobody can read that subject's personal values in the trail; who did what stays. */
export async function dropSubjectKey(sql: Sql, subject: Pick<KeyOwner, 'type' | 'id'>): Promise<void> {
  await sql.query('DELETE FROM identity."SubjectKey" WHERE subject_type = $1 AND subject_id = $2', [
    subject.type,
    subject.id,
  ]);
}
