import { pipeline, Readable } from 'node:stream';
import { stringify } from 'csv-stringify';

/**
 * Rows as CSV (RFC 4180), asked for as fast as the receiver takes them. Cells that a spreadsheet would take for a formula
 * get an apostrophe before them.
 */
export function csvStream(columns: string[], rows: AsyncIterable<unknown[]>): Readable {
  const csv = stringify({ header: true, columns, escape_formulas: true, record_delimiter: 'windows' });
  // What fails ends the stream with that error; whoever reads it sees it there.
  pipeline(Readable.from(rows), csv, () => undefined);
  return csv;
}

/** The cell as it was before `csvStream` defused it. */
export const withoutApostrophe = (cell: string): string =>
  cell.replace(/^'(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/, '');
