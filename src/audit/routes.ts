import { z } from 'zod';
import type { Database } from '../database/database.js';
import { BASE } from '../http/base-path.js';
import { linkToNext } from '../http/link-to-next.js';
import { pageDescription, pageLimit } from '../http/page.js';
import { type Caller, defineRoute, type Route, type Visitor } from '../http/route.js';
import { AUDIT_ACTIONS } from './action.js';
import type { AuditEntry } from './audit-entry.js';
import type { AuditFilter, AuditReader } from './audit-reader.js';
import { acting, by } from './by.js';
import { readCursor, writeCursor } from './cursor.js';
import { exportCsv } from './export-csv.js';
import type { Audit } from './record.js';

const PATH = `${BASE}/audit-events`;
const access = { role: '900_admin' } as const;

const id = z.string().regex(/^[\w.:-]{1,128}$/);
const filters = {
  actorId: id.optional(),
  subjectId: id.optional(),
  action: z.enum(AUDIT_ACTIONS).optional(),
  from: z.iso.datetime({ offset: true }).optional().describe('From this moment on'),
  to: z.iso.datetime({ offset: true }).optional().describe('Before this moment'),
};
const exportQuery = z.strictObject(filters);
const pageQuery = z.strictObject({
  ...filters,
  limit: pageLimit,
  cursor: z
    .string()
    .max(100)
    .refine((text) => readCursor(text) !== undefined, { error: 'is not one that this service gave' })
    .optional(),
});

const json = z.record(z.string(), z.unknown()).nullable();
const eventSchema = z.object({
  id: z.string(),
  createdAt: z.iso.datetime(),
  actor: z.object({ type: z.string(), id: z.string().nullable() }),
  action: z.string(),
  subject: z.object({ type: z.string(), id: z.string() }).nullable(),
  tenantId: z.string().nullable().describe('null: the platform’s'),
  before: json,
  after: json,
  requestId: z.string().nullable(),
  count: z.int().describe('Refusals of one source, call and minute are one row'),
  personal: json.describe('Address, agent and the like; null once the key of their subject was dropped'),
});

/** Who did what to whom, when and from where (P12): for platform administrators, whose reading is audited too. */
export function auditRoutes(options: { database: Database; reader: AuditReader; audit: Audit }): Route[] {
  const { database, reader, audit } = options;
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      summary: 'The audit trail, newest first',
      description: pageDescription,
      tag: 'administration',
      access,
      query: pageQuery,
      responses: { 200: { description: 'A page', schema: z.array(eventSchema) } },
      async handle({ query, visitor }, caller) {
        const { limit, cursor, ...filter } = query;
        const after = cursor === undefined ? undefined : readCursor(cursor);
        const { events, next } = await reader.read(filter, { limit, after }, (sql) =>
          audit.record(sql, reading('audit.read', caller, visitor, query)),
        );
        return {
          status: 200,
          body: events,
          headers: next ? linkToNext(PATH, { ...query, cursor: writeCursor(next) }) : {},
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${PATH}/export`,
      summary: 'The audit trail as CSV, newest first',
      description: 'Cells that a spreadsheet would take for a formula begin with an apostrophe.',
      tag: 'administration',
      access,
      query: exportQuery,
      responses: { 200: { description: 'Streamed', schema: z.string(), contentType: 'text/csv' } },
      async handle({ query, visitor }, caller) {
        await audit.record(database, reading('audit.exported', caller, visitor, query));
        return {
          status: 200,
          stream: exportCsv(reader, query),
          headers: { 'Content-Disposition': 'attachment; filename="audit-events.csv"' },
        };
      },
    }),
  ];
}

function reading(
  action: 'audit.read' | 'audit.exported',
  caller: Caller,
  visitor: Visitor,
  query: AuditFilter & { limit?: number; cursor?: string | undefined },
): AuditEntry {
  const subject = { type: 'audit', id: 'platform' } as const;
  return { ...acting(by(caller, visitor)), action, subject, after: { ...query } };
}
