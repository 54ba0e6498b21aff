import type { Readable } from 'node:stream';
import { csvStream } from '../http/csv-stream.js';
import type { AuditEvent, AuditFilter, AuditReader } from './audit-reader.js';
import type { Cursor } from './cursor.js';

/** Rows that are in memory at once, give or take the streams' own buffers. */
const CHUNK = 500;
const COLUMNS = [
  'id',
  'created_at',
  'actor_type',
  'actor_id',
  'action',
  'subject_type',
  'subject_id',
  'tenant_id',
  'before',
  'after',
  'request_id',
  'count',
  'personal',
];

/** The trail as CSV, newest first. */
export const exportCsv = (reader: AuditReader, filter: AuditFilter): Readable =>
  csvStream(COLUMNS, cells(reader, filter));

async function* cells(reader: AuditReader, filter: AuditFilter): AsyncGenerator<unknown[]> {
  let after: Cursor | undefined;
  do {
    const { events, next } = await reader.read(filter, { limit: CHUNK, after });
    yield* events.map(toCells);
    after = next;
  } while (after);
}

function toCells(event: AuditEvent): unknown[] {
  const { actor, subject, before, after, personal } = event;
  const json = (value: object | null) => (value === null ? '' : JSON.stringify(value));
  return [
    event.id,
    event.createdAt,
    actor.type,
    actor.id,
    event.action,
    subject?.type,
    subject?.id,
    event.tenantId,
    json(before),
    json(after),
    event.requestId,
    event.count,
    json(personal),
  ];
}
