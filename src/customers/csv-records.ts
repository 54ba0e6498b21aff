import { pipeline, type Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { Problem } from '../errors/problem.js';
import { customerErrors } from './errors.js';
import { IMPORT_COLUMNS, PASSED_OVER } from './import-line.js';

/** One record of the file. */
export interface CsvRecord {
  /** The line that it ends on, from 1; the header is line 1 as a rule. */
  line: number;
  cells: Record<string, string>;
  /** Whether there are more or fewer cells than columns. */
  isUneven: boolean;
}

const LONGEST_RECORD = 64 * 1024;

/**
 * The records of a CSV file with a header, as they come; UTF-8, with or without a byte order mark.
 * @throws Problem `customer.unreadable_csv` (422) where the file can't be read on; what came before stands
 */
export async function* csvRecords(file: Readable): AsyncGenerator<CsvRecord> {
  const parser = parse({
    bom: true,
    columns: readHeader,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD,
  });
  pipeline(file, parser, () => undefined); // what fails is thrown where the records are read
  try {
    for await (const { record, info } of parser)
      yield { line: info.lines, cells: record, isUneven: info.error !== undefined };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw unreadable(`line ${error.lines ?? 1}: ${error.code}`, error);
  }
}

function readHeader(names: string[]): string[] {
  const strange = names.filter((name) => ![...IMPORT_COLUMNS, ...PASSED_OVER].includes(name));
  const isClear = new Set(names).size === names.length && names.includes('displayName');
  if (strange.length === 0 && isClear) return names;
  throw unreadable(
    `the first line must name displayName and, once each, any of ${IMPORT_COLUMNS.join(', ')}`,
  );
}

const unreadable = (detail: string, cause?: unknown) =>
  new Problem(customerErrors.unreadable_csv, { detail, ...(cause === undefined ? {} : { cause }) });
