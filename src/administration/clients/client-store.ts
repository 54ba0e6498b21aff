import type { Sql } from '../../database/database.js';
import { type Page, type PageQuery, toPage } from '../../http/page.js';
import type { ClientChange, ClientDraft } from './client-schema.js';

export interface RegisteredApp {
  id: string;
  name: string;
  merchantId: string | null;
  redirectUris: string[];
  status: string;
  createdAt: string;
  modifiedAt: string;
}

const COLUMNS = `id, name, merchant_id AS "merchantId", redirect_uris AS "redirectUris", status,
  to_jsonb(created_at) #>> '{}' AS "createdAt", to_jsonb(modified_at) #>> '{}' AS "modifiedAt"`;

/** By id. */
export async function listClients(
  sql: Sql,
  { merchantId, limit, cursor }: PageQuery & { merchantId?: string | undefined },
): Promise<Page<RegisteredApp>> {
  const items = await sql.query<RegisteredApp>(
    `SELECT ${COLUMNS} FROM identity."Client"
     WHERE ($1::text IS NULL OR merchant_id = $1) AND ($2::text IS NULL OR id > $2) ORDER BY id LIMIT $3`,
    [merchantId, cursor, limit + 1],
  );
  return toPage(items, limit);
}

export async function findClient(sql: Sql, id: string): Promise<RegisteredApp | undefined> {
  const [client] = await sql.query<RegisteredApp>(`SELECT ${COLUMNS} FROM identity."Client" WHERE id = $1`, [
    id,
  ]);
  return client;
}

/** Undefined: the id is taken. */
export async function insertClient(
  sql: Sql,
  { id, name, merchantId, redirectUris }: ClientDraft,
): Promise<RegisteredApp | undefined> {
  const [made] = await sql.query<RegisteredApp>(
    `INSERT INTO identity."Client" (id, name, merchant_id, redirect_uris) VALUES ($1, $2, $3, $4)
     ON CONFLICT (id) DO NOTHING RETURNING ${COLUMNS}`,
    [id, name, merchantId, redirectUris],
  );
  return made;
}

/** Undefined: there is none. */
export async function updateClient(
  sql: Sql,
  id: string,
  { name, redirectUris, status }: ClientChange,
): Promise<RegisteredApp | undefined> {
  const [changed] = await sql.query<RegisteredApp>(
    `UPDATE identity."Client" SET name = coalesce($2, name), redirect_uris = coalesce($3, redirect_uris),
       status = coalesce($4, status), modified_at = now()
     WHERE id = $1 RETURNING ${COLUMNS}`,
    [id, name, redirectUris, status],
  );
  return changed;
}
