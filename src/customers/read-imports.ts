import type { Database } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { customerErrors } from './errors.js';
import { type ImportFailure, type ImportProgress, importStore } from './import-store.js';
import type { Scope } from './scope.js';

export interface ImportReport extends ImportProgress {
  /** In the order of lines. */
  failures: ImportFailure[];
  /** The line after which more of them are to be asked for; undefined when that was all. */
  next: number | undefined;
}

export type ReadImports = ReturnType<typeof createReadImports>;

/** How far imports have come, and what was wrong with which line. */
export function createReadImports(database: Database) {
  return {
    latest: (scope: Scope, limit: number): Promise<ImportProgress[]> =>
      database.transaction((sql) => importStore.latest(sql, scope, limit), scope),

    /** @throws Problem `customer.not_found` (404) */
    report: (scope: Scope, id: string, page: { after: number; limit: number }): Promise<ImportReport> =>
      database.transaction(async (sql) => {
        const progress = await importStore.find(sql, scope, id);
        if (!progress) throw new Problem(customerErrors.not_found);
        const rows = await importStore.failures(sql, id, { ...page, limit: page.limit + 1 });
        const failures = rows.slice(0, page.limit);
        return { ...progress, failures, next: rows.length > page.limit ? failures.at(-1)?.line : undefined };
      }, scope),
  };
}
