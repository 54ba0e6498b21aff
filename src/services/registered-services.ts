import type { Sql } from '../database/database.js';
import { type Page, type PageQuery, toPage } from '../http/page.js';
import type { ServiceGrant } from './service.js';

/** A service as administrators see it. */
export interface RegisteredService {
  id: string;
  name: string;
  description: string | null;
  status: string;
  /** A service's name. */
  defaultAudience: string | null;
  grants: (ServiceGrant & { id: string })[];
  createdAt: string;
  modifiedAt: string;
}

const SELECT = `
  SELECT service.id, service.name, service.description, service.status, audience.name AS "defaultAudience",
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'call', call, 'merchantId', merchant_id)
       ORDER BY call, merchant_id), '[]')
     FROM identity."ServiceGrant" WHERE service_id = service.id) AS grants,
    to_jsonb(service.created_at) #>> '{}' AS "createdAt", to_jsonb(service.modified_at) #>> '{}' AS "modifiedAt"
  FROM identity."Service" AS service LEFT JOIN identity."Service" AS audience ON audience.id = service.default_audience_id`;

/** By id. */
export async function listServices(sql: Sql, { limit, cursor }: PageQuery): Promise<Page<RegisteredService>> {
  const items = await sql.query<RegisteredService>(
    `${SELECT} WHERE ($1::text IS NULL OR service.id > $1) ORDER BY service.id LIMIT $2`,
    [cursor, limit + 1],
  );
  return toPage(items, limit);
}

export async function findService(sql: Sql, id: string): Promise<RegisteredService | undefined> {
  const [service] = await sql.query<RegisteredService>(`${SELECT} WHERE service.id = $1`, [id]);
  return service;
}

/** Until the transaction ends nobody else writes to this service. False: there is none. */
export async function lockService(sql: Sql, id: string): Promise<boolean> {
  const found = await sql.query('SELECT FROM identity."Service" WHERE id = $1 FOR UPDATE', [id]);
  return found.length > 0;
}

export async function findServiceId(sql: Sql, name: string): Promise<string | undefined> {
  const [service] = await sql.query<{ id: string }>('SELECT id FROM identity."Service" WHERE name = $1', [
    name,
  ]);
  return service?.id;
}

/** False: the name is taken. */
export async function insertService(
  sql: Sql,
  {
    id,
    name,
    description,
    audienceId,
  }: { id: string; name: string; description: string | null; audienceId: string | null },
): Promise<boolean> {
  const made = await sql.query(
    `INSERT INTO identity."Service" (id, name, description, default_audience_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (name) DO NOTHING RETURNING id`,
    [id, name, description, audienceId],
  );
  return made.length > 0;
}

/** What is undefined stays. */
export async function updateService(
  sql: Sql,
  id: string,
  change: {
    description?: string | null | undefined;
    audienceId?: string | null | undefined;
    status?: string | undefined;
  },
): Promise<void> {
  await sql.query(
    `UPDATE identity."Service" SET description = CASE WHEN $2 THEN $3 ELSE description END,
       default_audience_id = CASE WHEN $4 THEN $5 ELSE default_audience_id END, status = coalesce($6, status),
       modified_at = now()
     WHERE id = $1`,
    [
      id,
      change.description !== undefined,
      change.description ?? null,
      change.audienceId !== undefined,
      change.audienceId ?? null,
      change.status ?? null,
    ],
  );
}
