import type { Database, Sql } from '../database/database.js';
import type { AuditAction } from './action.js';
import type { Cursor } from './cursor.js';
import { openValues, type PersonalValues, type SealedValues } from './personal-values.js';
import type { SubjectKeys } from './subject-keys.js';

export interface AuditFilter {
  actorId?: string | undefined;
  subjectId?: string | undefined;
  action?: AuditAction | undefined;
  /** From this moment on; ISO 8601. */
  from?: string | undefined;
  /** Before this moment. */
  to?: string | undefined;
}

/** A row as it is read; `personal` null when nothing in it is personal, or its keys were dropped. */
export interface AuditEvent {
  id: string;
  createdAt: string;
  actor: { type: string; id: string | null };
  action: string;
  subject: { type: string; id: string } | null;
  tenantId: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  requestId: string | null;
  count: number;
  personal: PersonalValues | null;
}

export interface AuditPage {
  events: AuditEvent[];
  /** Undefined on the last page. */
  next: Cursor | undefined;
}

export interface AuditReader {
  /** The platform's whole trail, newest first. `alongside` runs in the same transaction, before it is read. */
  read(
    filter: AuditFilter,
    page: { limit: number; after?: Cursor | undefined },
    alongside?: (sql: Sql) => Promise<void>,
  ): Promise<AuditPage>;
}

interface Row {
  id: string;
  at: string;
  created_at: Date;
  actor_type: string;
  actor_id: string | null;
  action: string;
  subject_type: string | null;
  subject_id: string | null;
  tenant_id: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  request_id: string | null;
  count: number;
  personal: SealedValues[] | null;
}

/** The first condition on the cursor's time leaves out the partitions that lie after it. */
const READ = `
  SELECT id, (extract(epoch FROM created_at) * 1000000)::bigint AS at, created_at, actor_type, actor_id, action,
    subject_type, subject_id, tenant_id, before, after, request_id, count, personal
  FROM identity."AuditEvent"
  WHERE ($1::text IS NULL OR actor_id = $1) AND ($2::text IS NULL OR subject_id = $2)
    AND ($3::text IS NULL OR action = $3)
    AND ($4::float8 IS NULL OR created_at >= to_timestamp($4::float8))
    AND ($5::float8 IS NULL OR created_at < to_timestamp($5::float8))
    AND ($6::bigint IS NULL OR (created_at <= timestamptz 'epoch' + $6::bigint * interval '1 microsecond'
      AND (created_at, id) < (timestamptz 'epoch' + $6::bigint * interval '1 microsecond', $7::bigint)))
  ORDER BY created_at DESC, id DESC LIMIT $8`;

export function createAuditReader(options: { database: Database; keys: SubjectKeys }): AuditReader {
  const { database, keys } = options;
  return {
    read: (filter, { limit, after }, alongside) =>
      database.transaction(async (sql) => {
        await sql.query(`SELECT set_config('app.audit_reader', 'platform', true)`);
        await alongside?.(sql);
        const rows = await sql.query<Row>(READ, [
          filter.actorId ?? null,
          filter.subjectId ?? null,
          filter.action ?? null,
          seconds(filter.from),
          seconds(filter.to),
          after?.at ?? null,
          after?.id ?? null,
          limit + 1,
        ]);
        const page = rows.slice(0, limit);
        const owners = new Set(page.flatMap(({ personal }) => (personal ?? []).map(({ of }) => of)));
        const opened = await keys.forReading(sql, [...owners]);
        const last = page.at(-1);
        return {
          events: page.map((row) => toEvent(row, opened)),
          next: rows.length > limit && last ? { at: last.at, id: last.id } : undefined,
        };
      }),
  };
}

const seconds = (moment: string | undefined): number | null =>
  moment === undefined ? null : Date.parse(moment) / 1000;

function toEvent(row: Row, keys: ReadonlyMap<string, Buffer>): AuditEvent {
  const { subject_type: type, subject_id: id } = row;
  return {
    id: row.id,
    createdAt: row.created_at.toISOString(),
    actor: { type: row.actor_type, id: row.actor_id },
    action: row.action,
    subject: type === null || id === null ? null : { type, id },
    tenantId: row.tenant_id,
    before: row.before,
    after: row.after,
    requestId: row.request_id,
    count: row.count,
    personal: openValues(keys, row.personal ?? []),
  };
}
