/**
 * `node bench/customers.mjs [customers] [lines]`: search among 1,000,000 customers as the application role with row-level
 * security on, one merchant having a fifth of them; an import of 100,000 lines, one in a hundred bad, killed in the middle
 * and sent again; the memory of an export. Prints figures, asserts nothing.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import pg from 'pg';
import { fillDatabase, LARGE, NAMES, startDatabase } from './customers-database.mjs';

const ALL = Number(process.argv[2] ?? 1_000_000);
const LINES = Number(process.argv[3] ?? 100_000);
const SEARCHES = 3000;
const LANES = 2;

const { createDatabase } = await import('../dist/src/database/database.js');
const { createLogger } = await import('../dist/src/telemetry/logger.js');
const customers = await import('../dist/src/customers/index.js');
const { readSearchQuery } = await import('../dist/src/customers/search-query.js');
const { readPhoneNumber } = await import('../dist/src/people/index.js');

const any = (list) => list[Math.floor(Math.random() * list.length)];
const openAsApplication = (url) =>
  createDatabase({ url, poolSize: LANES, logger: createLogger({ level: 'silent' }) });
let lastId = 900_000_000_000_000_000n;
const importer = (database) =>
  customers.createImportCustomers({
    database,
    nextId: () => String(++lastId),
    readLine: customers.createReadLine(readPhoneNumber),
    audit: async () => undefined,
  });
function* lines() {
  yield 'displayName,phone,email\n';
  for (let index = 0; index < LINES; index += 1) {
    yield index % 100 === 7 ? `Nhập ${index},,no address\n` : `Khách nhập ${index},,\n`;
  }
}

async function measure() {
  const parts = await startDatabase();
  try {
    await fillDatabase(parts, { all: ALL, large: ALL / 5 });
    const database = openAsApplication(parts.postgres.appUrl);
    await measureSearch(customers.createListCustomers(database), parts);
    await measureExport(customers.createExportCustomers(database));
    await measureImport(parts, database);
    await database.close();
  } finally {
    await parts.stop();
  }
  process.exit(0);
}

/** What people type, each kind as often as the others. */
const KINDS = {
  'nothing: the first page': () => [''],
  'nothing: the page at 1,000': () => ['', 1000],
  'a family name': () => [any(NAMES.FAMILY)],
  'a given name': () => [any(NAMES.GIVEN)],
  'family and given name': () => [`${any(NAMES.FAMILY)} ${any(NAMES.GIVEN)}`],
  'a whole name': () => [`${any(NAMES.FAMILY)} ${any(NAMES.MIDDLE)} ${any(NAMES.GIVEN)}`],
  'two letters': () => [any(['ng', 'tr', 'le', 'zz', 'd'])],
  'a phone number': () => [
    `09${String((Math.floor((Math.random() * ALL) / 5) * 7919) % 1e8).padStart(8, '0')}`,
  ],
  'the last six digits': () => [String(Math.floor(Math.random() * 1e6)).padStart(6, '0')],
  'the first six digits': () => [`09${String(Math.floor(Math.random() * 1e4)).padStart(4, '0')}`],
  'a code': () => [`KH${String(Math.floor((Math.random() * ALL) / 5)).padStart(7, '0')}`],
  'what nobody is called': () => [any(['xyzzy', 'qwerty uiop', 'Zoë'])],
};

async function measureSearch(list, { progress }) {
  const times = new Map(Object.keys(KINDS).map((kind) => [kind, []]));
  const search = async (index) => {
    const kind = Object.keys(KINDS)[index % Object.keys(KINDS).length];
    const [text, offset = 0] = KINDS[kind]();
    const started = performance.now();
    await list(LARGE, readSearchQuery(text, readPhoneNumber), { limit: 20, offset });
    return [kind, performance.now() - started];
  };
  for (let index = 0; index < 120; index += 1) await search(index); // warm
  let next = 0;
  const lane = async () => {
    while (next < SEARCHES) {
      const [kind, ms] = await search(next++);
      times.get(kind).push(ms);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  progress(`${SEARCHES} searches, ${LANES} at once, page and total, milliseconds`);
  const row = (name, values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const at = (share) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1).padStart(7);
    console.log(`${name.padEnd(28)} p50 ${at(0.5)}  p95 ${at(0.95)}  p99 ${at(0.99)}  max ${at(1)}`);
  };
  for (const [kind, values] of times) row(kind, values);
  row('all of them', [...times.values()].flat());
}

async function measureExport(exportCustomers) {
  global.gc?.();
  const before = process.memoryUsage().rss;
  let [bytes, most] = [0, before];
  const started = performance.now();
  for await (const piece of exportCustomers(LARGE)) {
    bytes += piece.length;
    most = Math.max(most, process.memoryUsage().rss);
  }
  const mb = (value) => (value / 1e6).toFixed(1);
  console.log(
    `\nexport of ${ALL / 5}: ${mb(bytes)} MB in ${((performance.now() - started) / 1000).toFixed(1)} s, at most ${mb(most - before)} MB more memory`,
  );
}

async function measureImport({ postgres }, database) {
  const client = new pg.Client({ connectionString: postgres.superUrl });
  await client.connect();
  const read = async () =>
    Number((await client.query('SELECT max(lines_read) AS n FROM identity."CustomerImport"')).rows[0].n);
  const env = { ...process.env, BENCH_DATABASE: postgres.appUrl };
  const child = fork(process.argv[1], process.argv.slice(2), { env });
  const started = performance.now();
  while ((await read()) < LINES / 2) await new Promise((done) => setTimeout(done, 20));
  child.kill('SIGKILL');
  await once(child, 'exit');
  const killedAt = await read();
  const act = { caller: { serviceId: 'bench', name: 'bench', grants: [] }, visitor: {} };
  const { linesRead, created, failed } = await importer(database)(
    act,
    LARGE,
    Readable.from(lines()),
    'bench',
  );
  const { rows } = await client.query(
    `SELECT count(*) AS rows, count(DISTINCT display_name) AS names FROM identity."Customer"
     WHERE merchant_id = $1 AND display_name LIKE '%nhập %'`,
    [LARGE.merchantId],
  );
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `import of ${LINES}: killed at ${killedAt}, sent again: ${linesRead} read, ${created} created, ${failed} failed; ` +
      `${rows[0].rows} rows of ${rows[0].names} names in the table; ${seconds} s`,
  );
  await client.end();
}

if (process.send) {
  // The child that is killed.
  lastId += 500_000_000_000n;
  const database = openAsApplication(process.env.BENCH_DATABASE);
  const act = { caller: { serviceId: 'bench', name: 'bench', grants: [] }, visitor: {} };
  await importer(database)(act, LARGE, Readable.from(lines()), 'bench');
  process.send('finished');
} else await measure();
