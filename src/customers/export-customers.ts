import type { Readable } from 'node:stream';
import type { Database } from '../database/database.js';
import { csvStream } from '../http/csv-stream.js';
import type { Customer } from './customer.js';
import { CUSTOMER_COLUMNS, type CustomerRow, toCustomer } from './customer-row.js';
import type { Scope } from './scope.js';

/** Rows that are in memory at once, give or take the streams' own buffers. */
const CHUNK = 500;

/** What an import reads comes first; a file that was exported can be imported again elsewhere. */
const COLUMNS = [
  'code',
  'displayName',
  'phone',
  'email',
  'birthday',
  'note',
  'tags',
  'id',
  'version',
  'createdAt',
  'updatedAt',
] as const satisfies (keyof Customer)[];

/** Between the tags of a cell. */
export const TAG_SEPARATOR = '|';

export type ExportCustomers = (scope: Scope) => Readable;

/**
 * A merchant's customers as CSV in the order in which they were made. Each chunk is a short transaction of its own: a
 * receiver may take its time, and holds no connection.
 */
export function createExportCustomers(database: Database): ExportCustomers {
  async function* cells(scope: Scope): AsyncGenerator<unknown[]> {
    for (let after = ''; ; ) {
      const rows = await database.transaction(
        (sql) => sql.query<CustomerRow>(NEXT, [scope.merchantId, after, CHUNK]),
        scope,
      );
      yield* rows.map((row) => toCells(toCustomer(row)));
      const last = rows.at(-1);
      if (!last || rows.length < CHUNK) return;
      after = last.id;
    }
  }
  return (scope) => csvStream([...COLUMNS], cells(scope));
}

const NEXT = `
  SELECT ${CUSTOMER_COLUMNS} FROM identity."Customer"
  WHERE merchant_id = $1 AND id > $2 AND deleted_at IS NULL ORDER BY id LIMIT $3`;

const toCells = (customer: Customer): unknown[] =>
  COLUMNS.map((name) => (name === 'tags' ? customer.tags.join(TAG_SEPARATOR) : customer[name]));
