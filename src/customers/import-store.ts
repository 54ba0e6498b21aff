import type { Sql } from '../database/database.js';
import type { FieldError } from '../errors/problem.js';
import type { NewCustomer } from './customer.js';
import type { Scope } from './scope.js';

/** How far an import has come. */
export interface ImportProgress {
  id: string;
  status: 'RUNNING' | 'FINISHED';
  linesRead: number;
  created: number;
  failed: number;
  digest: string;
  startedAt: Date;
}

export interface ImportFailure {
  /** Of the file, from 1. */
  line: number;
  errors: FieldError[];
}

const PROGRESS = `id, status, lines_read AS "linesRead", created, failed, digest,
  started_at AS "startedAt"`;

/** Every call belongs into a transaction of that tenant. */
export const importStore = {
  /** The caller's import of that key, begun now unless it was before; without a key always a new one. */
  async begin(sql: Sql, scope: Scope, id: string, caller: string, key: string | undefined) {
    const values = [id, scope.tenantId, scope.merchantId, caller, key ?? null];
    const [row] = await sql.query<ImportProgress & { merchantId: string }>(
      `INSERT INTO identity."CustomerImport" AS known (id, tenant_id, merchant_id, caller, key)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, caller, key) DO UPDATE SET updated_at = now()
       RETURNING ${PROGRESS}, merchant_id AS "merchantId"`,
      values,
    );
    return row as ImportProgress & { merchantId: string };
  },

  async find(sql: Sql, { merchantId }: Scope, id: string): Promise<ImportProgress | undefined> {
    const [row] = await sql.query<ImportProgress>(
      `SELECT ${PROGRESS} FROM identity."CustomerImport" WHERE id = $1 AND merchant_id = $2`,
      [id, merchantId],
    );
    return row;
  },

  /** The merchant's newest. */
  latest: (sql: Sql, { merchantId }: Scope, limit: number): Promise<ImportProgress[]> =>
    sql.query<ImportProgress>(
      `SELECT ${PROGRESS} FROM identity."CustomerImport" WHERE merchant_id = $1
       ORDER BY started_at DESC, id DESC LIMIT $2`,
      [merchantId, limit],
    ),

  /** Moves on from where the reader stood; false when somebody else has done these lines already. */
  async advance(sql: Sql, id: string, from: ImportProgress, to: ImportProgress): Promise<boolean> {
    const moved = await sql.query(
      `UPDATE identity."CustomerImport"
       SET status = $3, lines_read = $4, created = $5, failed = $6, digest = $7, updated_at = now()
       WHERE id = $1 AND lines_read = $2 AND status = 'RUNNING' RETURNING id`,
      [id, from.linesRead, to.status, to.linesRead, to.created, to.failed, to.digest],
    );
    return moved.length > 0;
  },

  /** Makes those whose phone number and code are free, and answers their ids. */
  async insertAll(sql: Sql, scope: Scope, customers: (NewCustomer & { id: string })[]): Promise<Set<string>> {
    const made = await sql.query<{ id: string }>(INSERT_ALL, [
      scope.tenantId,
      scope.merchantId,
      JSON.stringify(customers),
    ]);
    return new Set(made.map(({ id }) => id));
  },

  async addFailures(sql: Sql, scope: Scope, id: string, failures: ImportFailure[]): Promise<void> {
    if (failures.length === 0) return;
    await sql.query(
      `INSERT INTO identity."CustomerImportFailure" (import_id, tenant_id, line, errors)
       SELECT $1, $2, line, errors FROM jsonb_to_recordset($3::jsonb) AS said (line integer, errors jsonb)`,
      [id, scope.tenantId, JSON.stringify(failures)],
    );
  },

  async failures(sql: Sql, id: string, page: { after: number; limit: number }): Promise<ImportFailure[]> {
    return sql.query<ImportFailure>(
      `SELECT line, errors FROM identity."CustomerImportFailure"
       WHERE import_id = $1 AND line > $2 ORDER BY line LIMIT $3`,
      [id, page.after, page.limit],
    );
  },
};

const INSERT_ALL = `
  INSERT INTO identity."Customer"
    (id, tenant_id, merchant_id, code, display_name, phone, email, birthday, note, tags)
  SELECT said.id, $1, $2, coalesce(said.code, said.id), said."displayName", said.phone, said.email, said.birthday,
    said.note, coalesce(said.tags, '{}')
  FROM jsonb_to_recordset($3::jsonb) AS said
    (id text, code text, "displayName" text, phone text, email text, birthday date, note text, tags text[])
  ON CONFLICT DO NOTHING RETURNING id`;
