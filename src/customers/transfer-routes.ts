import { z } from 'zod';
import type { Database } from '../database/database.js';
import { linkToNext } from '../http/link-to-next.js';
import { defineRoute, type Reply, type Route } from '../http/route.js';
import type { AuditCustomer } from './audit-customer.js';
import { merchantId } from './customer-schema.js';
import { customerErrors } from './errors.js';
import type { ExportCustomers } from './export-customers.js';
import type { ImportCustomers } from './import-customers.js';
import type { ImportProgress } from './import-store.js';
import type { ImportReport, ReadImports } from './read-imports.js';
import { CUSTOMERS, one, read, readKey, refusals, tag, write } from './routes.js';
import type { FindScope } from './scope.js';

const IMPORT = `${CUSTOMERS}/import`;
const LARGEST_FILE = 50 * 1024 * 1024;
const FAILURES = 1000;
const LATEST = 20;

const ofMerchant = z.strictObject({ merchantId });
const failurePage = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).describe('Lines after this one'),
  limit: z.coerce.number().int().min(1).max(FAILURES).default(FAILURES),
});
const progressSchema = z.object({
  id: z.string(),
  status: z.enum(['RUNNING', 'FINISHED']),
  linesRead: z.int().describe('Records of the file, without its first line'),
  created: z.int(),
  failed: z.int(),
  startedAt: z.iso.datetime(),
});
const reportSchema = progressSchema.extend({
  failures: z
    .array(
      z.object({
        line: z.int().describe('Of the file, from 1'),
        errors: z.array(z.object({ path: z.string(), message: z.string(), code: z.string() })),
      }),
    )
    .describe('1,000 at most; the `Link` header with rel="next" leads to more'),
});

const present = (progress: ImportProgress) => ({ ...progress, startedAt: progress.startedAt.toISOString() });
const reply = ({ next, ...report }: ImportReport): Reply => ({
  status: 200,
  body: { ...report, ...present(report) },
  headers: next === undefined ? {} : linkToNext(`${IMPORT}/${report.id}`, { after: next }),
});

/** All customers of a merchant at once, in and out, as CSV. */
export function transferRoutes(options: {
  database: Database;
  audit: AuditCustomer;
  findScope: FindScope;
  exportCustomers: ExportCustomers;
  importCustomers: ImportCustomers;
  readImports: ReadImports;
}): Route[] {
  const { database, audit, findScope, exportCustomers, importCustomers, readImports } = options;
  return [
    defineRoute({
      method: 'get',
      path: `${CUSTOMERS}/export`,
      summary: 'All customers of a merchant as CSV',
      description: 'Cells that a spreadsheet would take for a formula begin with an apostrophe.',
      tag,
      access: read,
      query: ofMerchant,
      responses: { 200: { description: 'Streamed', schema: z.string(), contentType: 'text/csv' } },
      problems: refusals,
      async handle({ query, visitor }, caller) {
        const scope = await findScope.ofMerchant(caller, query.merchantId, 'read');
        const subject = { type: 'merchant', id: scope.merchantId } as const;
        await database.transaction(
          (sql) => audit(sql, { caller, visitor }, scope, 'customer.exported', subject),
          scope,
        );
        const headers = { 'Content-Disposition': 'attachment; filename="customers.csv"' };
        return { status: 200, stream: exportCustomers(scope), headers };
      },
    }),
    defineRoute({
      method: 'post',
      path: IMPORT,
      summary: 'Customers out of a CSV file, with a report of the lines that were not taken',
      description:
        'UTF-8 with the columns displayName, and code, phone, email, birthday, note, tags (between bars) where wanted; 50 MB ' +
        'at most. With an `Idempotency-Key` a broken import goes on where it was when the same file is sent again, and ' +
        'takes no line twice; it is known for 30 days.',
      tag,
      access: write,
      headers: ['Idempotency-Key'],
      query: ofMerchant,
      bodyStream: { contentType: 'text/csv', limit: LARGEST_FILE },
      responses: { 200: { description: 'The report', schema: reportSchema } },
      problems: [
        ...refusals,
        customerErrors.unreadable_csv,
        customerErrors.other_file,
        customerErrors.key_reused,
      ],
      async handle({ query, stream, headers, visitor }, caller) {
        const key = readKey(headers.idempotencyKey);
        const scope = await findScope.ofMerchant(caller, query.merchantId, 'create');
        const { id } = await importCustomers({ caller, visitor }, scope, stream, key);
        return reply(await readImports.report(scope, id, { after: 0, limit: FAILURES }));
      },
    }),
    defineRoute({
      method: 'get',
      path: IMPORT,
      summary: 'The last twenty imports of a merchant, and how far each has come',
      tag,
      access: write,
      query: ofMerchant,
      responses: { 200: { description: 'Newest first', schema: z.array(progressSchema) } },
      problems: refusals,
      async handle({ query }, caller) {
        const scope = await findScope.ofMerchant(caller, query.merchantId, 'create');
        return { status: 200, body: (await readImports.latest(scope, LATEST)).map(present) };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${IMPORT}/{id}`,
      summary: 'How far an import has come, and which lines were not taken',
      tag,
      access: write,
      params: one,
      query: failurePage,
      responses: { 200: { description: 'The report', schema: reportSchema } },
      problems: refusals,
      async handle({ params, query }, caller) {
        const scope = await findScope.ofImport(caller, params.id, 'create');
        return reply(await readImports.report(scope, params.id, query));
      },
    }),
  ];
}
