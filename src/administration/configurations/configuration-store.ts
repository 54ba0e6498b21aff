import type { Sql } from '../../database/database.js';
import { type Page, type PageQuery, toPage } from '../../http/page.js';

/** A row as it is answered: whether there is a credential, never which. */
export interface StoredConfiguration {
  id: string;
  code: string;
  merchantId: string | null;
  data: unknown;
  credential: 'set' | 'unset';
  status: string;
  createdAt: string;
  modifiedAt: string;
}

const COLUMNS = `id, code, merchant_id AS "merchantId", data,
  CASE WHEN credential IS NULL THEN 'unset' ELSE 'set' END AS credential, status,
  to_jsonb(created_at) #>> '{}' AS "createdAt", to_jsonb(modified_at) #>> '{}' AS "modifiedAt"`;

export interface ConfigurationFilter {
  code?: string | undefined;
  merchantId?: string | undefined;
}

/** By id. @param within merchants whose rows alone are shown; undefined: everybody's, and the platform's */
export async function listConfigurations(
  sql: Sql,
  { code, merchantId }: ConfigurationFilter,
  within: readonly string[] | undefined,
  { limit, cursor }: PageQuery,
): Promise<Page<StoredConfiguration>> {
  const items = await sql.query<StoredConfiguration>(
    `SELECT ${COLUMNS} FROM public."Configuration"
     WHERE ($1::text IS NULL OR code = $1) AND ($2::text IS NULL OR merchant_id = $2)
       AND ($3::text[] IS NULL OR merchant_id = ANY($3)) AND ($4::text IS NULL OR id > $4)
     ORDER BY id LIMIT $5`,
    [code, merchantId, within, cursor, limit + 1],
  );
  return toPage(items, limit);
}

/** @param lock until the transaction ends, so that what was judged is what is changed */
export async function findConfiguration(
  sql: Sql,
  id: string,
  { lock = false } = {},
): Promise<StoredConfiguration | undefined> {
  const [row] = await sql.query<StoredConfiguration>(
    `SELECT ${COLUMNS} FROM public."Configuration" WHERE id = $1${lock ? ' FOR UPDATE' : ''}`,
    [id],
  );
  return row;
}

/** The sealed envelope, for whoever opens it. */
export async function findEnvelope(sql: Sql, id: string): Promise<string | null> {
  const [row] = await sql.query<{ credential: string | null }>(
    'SELECT credential FROM public."Configuration" WHERE id = $1',
    [id],
  );
  return row?.credential ?? null;
}

export interface NewConfiguration {
  id: string;
  code: string;
  merchantId: string | null;
  data: unknown;
  envelope: string | null;
  status: string;
}

/** Undefined when there is one of this code for this merchant. */
export async function insertConfiguration(
  sql: Sql,
  { id, code, merchantId, data, envelope, status }: NewConfiguration,
): Promise<StoredConfiguration | undefined> {
  const [row] = await sql.query<StoredConfiguration>(
    `INSERT INTO public."Configuration" (id, code, merchant_id, data, credential, status)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (code, merchant_id) DO NOTHING RETURNING ${COLUMNS}`,
    [id, code, merchantId, JSON.stringify(data), envelope, status],
  );
  return row;
}

/** @param envelope undefined leaves the credential as it is */
export async function updateConfiguration(
  sql: Sql,
  { id, data, status }: Pick<StoredConfiguration, 'id' | 'data' | 'status'>,
  envelope: string | null | undefined,
): Promise<StoredConfiguration> {
  const [row] = await sql.query<StoredConfiguration>(
    `UPDATE public."Configuration" SET data = $2, status = $3,
       credential = CASE WHEN $4 THEN $5 ELSE credential END, modified_at = now()
     WHERE id = $1 RETURNING ${COLUMNS}`,
    [id, JSON.stringify(data), status, envelope !== undefined, envelope ?? null],
  );
  return row as StoredConfiguration;
}

export async function deleteConfiguration(sql: Sql, id: string): Promise<void> {
  await sql.query('DELETE FROM public."Configuration" WHERE id = $1', [id]);
}
