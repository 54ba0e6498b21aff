import { z } from 'zod';
import type { FieldError } from '../errors/problem.js';
import { withoutApostrophe } from '../http/csv-stream.js';
import type { NewCustomer } from './customer.js';
import { customerFields, type ReadPhone } from './customer-schema.js';
import { TAG_SEPARATOR } from './export-customers.js';

/** Columns that a file may have; `displayName` it must have. Those of an export that only this service says are passed over. */
export const IMPORT_COLUMNS = ['code', 'displayName', 'phone', 'email', 'birthday', 'note', 'tags'];
export const PASSED_OVER = ['id', 'version', 'createdAt', 'updatedAt'];

export type ReadLine = (cells: Record<string, string>) => { values: NewCustomer } | { errors: FieldError[] };

/** Reads one line of a file: an empty cell says nothing, tags stand between bars. What is wrong is told by column, without the value. */
export function createReadLine(readPhone: ReadPhone): ReadLine {
  const { displayName, ...others } = customerFields(readPhone);
  const schema = z.object(others).partial().extend({ displayName });
  return (cells) => {
    const said: Record<string, unknown> = {};
    for (const name of IMPORT_COLUMNS) {
      const cell = withoutApostrophe(cells[name] ?? '').trim();
      if (cell !== '') said[name] = name === 'tags' ? cell.split(TAG_SEPARATOR) : cell;
    }
    const parsed = schema.safeParse(said);
    if (parsed.success) return { values: parsed.data };
    return {
      errors: parsed.error.issues.map(({ path, message, code }) => ({
        path: String(path[0]),
        message,
        code,
      })),
    };
  };
}
