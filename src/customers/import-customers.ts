import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Database } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import { type FieldError, Problem } from '../errors/problem.js';
import type { Act, AuditCustomer } from './audit-customer.js';
import { type CsvRecord, csvRecords } from './csv-records.js';
import type { NewCustomer } from './customer.js';
import { customerErrors } from './errors.js';
import { callerName } from './idempotency-key.js';
import type { ReadLine } from './import-line.js';
import { type ImportFailure, type ImportProgress, importStore } from './import-store.js';
import type { Scope } from './scope.js';

/** Lines of one transaction. A file that is sent again is cut at the same places, so this may not depend on anything. */
const BATCH = 500;

export type ImportCustomers = (
  act: Act,
  scope: Scope,
  file: Readable,
  key: string | undefined,
) => Promise<ImportProgress>;

/**
 * Takes customers out of a CSV file as it arrives. The customers of a batch, what was wrong with its lines and how far the
 * import has come are one transaction: killed anywhere and sent again under the same key, or twice at once, each line is
 * taken once. A line whose phone number or code is taken is told of, and changes nobody.
 * @throws Problem `customer.unreadable_csv`, `customer.other_file`, `customer.key_reused` (422); what was taken stays
 */
export function createImportCustomers(options: {
  database: Database;
  nextId: NextId;
  readLine: ReadLine;
  audit: AuditCustomer;
}): ImportCustomers {
  const { database, nextId, readLine, audit } = options;

  /** What follows from these lines, or undefined when another reader of the same file was faster. */
  function take(scope: Scope, from: ImportProgress, records: CsvRecord[], digest: string) {
    const { customers, failures } = sort(records, readLine, nextId);
    return database.transaction(async (sql) => {
      const made = await importStore.insertAll(
        sql,
        scope,
        customers.map(({ values }) => values),
      );
      const taken = customers.filter(({ values }) => !made.has(values.id));
      const failed = [...failures, ...taken.map(({ line }) => ({ line, errors: [TAKEN] }))];
      const to: ImportProgress = {
        ...from,
        linesRead: from.linesRead + records.length,
        created: from.created + made.size,
        failed: from.failed + failed.length,
        digest,
      };
      if (!(await importStore.advance(sql, from.id, from, to))) throw new Overtaken();
      await importStore.addFailures(sql, scope, from.id, failed);
      return to;
    }, scope);
  }

  return async (act, scope, file, key) => {
    const find = () => database.transaction((sql) => importStore.find(sql, scope, begun.id), scope);
    const begun = await database.transaction(
      (sql) => importStore.begin(sql, scope, nextId(), callerName(act.caller), key),
      scope,
    );
    if (begun.merchantId !== scope.merchantId) throw new Problem(customerErrors.key_reused);
    let progress: ImportProgress = begun;
    let [read, digest] = [0, ''];
    for await (const records of batches(csvRecords(file))) {
      digest = chain(digest, records);
      read += records.length;
      while (progress.linesRead < read) {
        const isNext = progress.status === 'RUNNING' && progress.linesRead === read - records.length;
        if (!isNext) throw new Problem(customerErrors.other_file);
        progress = await take(scope, progress, records, digest).catch(async (error: unknown) => {
          if (!(error instanceof Overtaken)) throw error;
          return (await find()) ?? progress;
        });
      }
      if (progress.linesRead === read && progress.digest !== digest)
        throw new Problem(customerErrors.other_file);
    }
    if (read < progress.linesRead) throw new Problem(customerErrors.other_file);
    return finish(act, scope, progress);
  };

  function finish(act: Act, scope: Scope, progress: ImportProgress): Promise<ImportProgress> {
    const finished = { ...progress, status: 'FINISHED' } as const;
    return database.transaction(async (sql) => {
      const isFirst = await importStore.advance(sql, progress.id, progress, finished);
      const { id, created, failed } = finished;
      const subject = { type: 'merchant', id: scope.merchantId } as const;
      if (isFirst)
        await audit(sql, act, scope, 'customer.imported', subject, { import: id, created, failed });
      return finished;
    }, scope);
  }
}

/** Rolls a batch back that somebody else has committed meanwhile. */
class Overtaken extends Error {}

const TAKEN: FieldError = {
  path: '',
  message: 'another customer has this phone number or code',
  code: 'customer.taken',
};

const UNEVEN: FieldError = {
  path: '',
  message: 'has not as many cells as the first line',
  code: 'customer.uneven_line',
};

function sort(records: CsvRecord[], readLine: ReadLine, nextId: NextId) {
  const customers: { line: number; values: NewCustomer & { id: string } }[] = [];
  const failures: ImportFailure[] = [];
  for (const { line, cells, isUneven } of records) {
    const read = isUneven ? { errors: [UNEVEN] } : readLine(cells);
    if ('values' in read) customers.push({ line, values: { ...read.values, id: nextId() } });
    else failures.push({ line, errors: read.errors });
  }
  return { customers, failures };
}

async function* batches(records: AsyncIterable<CsvRecord>): AsyncGenerator<CsvRecord[]> {
  let batch: CsvRecord[] = [];
  for await (const record of records) {
    batch.push(record);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const chain = (digest: string, records: CsvRecord[]): string =>
  createHash('sha256').update(digest).update(JSON.stringify(records)).digest('base64url');
