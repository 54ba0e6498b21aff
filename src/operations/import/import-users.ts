import { Semaphore } from 'async-mutex';
import { Problem } from '../../errors/problem.js';
import { readImportLine } from './import-line.js';
import type { ImportUser, Outcome } from './import-user.js';
import type { KeycloakHashing } from './password-hash.js';

/** Lines that are read ahead, and those of them that are worked on at once. */
const BATCH = 64;
const AT_ONCE = 12;
/** Milliseconds between tries while a part is away; after the last the run stops. */
const PATIENCE = [500, 1000, 2000, 4000, 8000, 15_000];

export type LineReport = { line: number } & Outcome;

export interface ImportTotals {
  imported: number;
  already: number;
  refused: number;
}

/**
 * Every line, a bounded number at once; reports come in the order of the lines, and a line that can't be imported stops no other.
 * @param pause waits so many milliseconds
 * @throws Problem of 503 when a part stays away: the same lines once more go on where this stopped
 */
export type ImportUsers = (
  lines: AsyncIterable<string>,
  keycloak: KeycloakHashing,
  report: (line: LineReport) => void,
) => Promise<ImportTotals>;

export function createImportUsers(options: {
  importUser: ImportUser;
  pause: (ms: number) => Promise<unknown>;
}): ImportUsers {
  const { importUser, pause } = options;

  async function importLine(text: string, keycloak: KeycloakHashing): Promise<Outcome> {
    const read = readImportLine(text, keycloak);
    if ('reason' in read) return { outcome: 'refused', reason: read.reason };
    for (const wait of PATIENCE) {
      try {
        return await importUser(read);
      } catch (error) {
        if (!(error instanceof Problem) || error.kind.status < 500) throw error;
        await pause(wait);
      }
    }
    return importUser(read);
  }

  return async (lines, keycloak, report) => {
    const totals: ImportTotals = { imported: 0, already: 0, refused: 0 };
    const places = new Semaphore(AT_ONCE);
    for await (const batch of inBatches(lines)) {
      const outcomes = batch.map(({ text }) => places.runExclusive(() => importLine(text, keycloak)));
      await Promise.allSettled(outcomes); // nothing is under way any more when one of them stops the run
      for (const [at, { line }] of batch.entries()) {
        const outcome = (await outcomes[at]) as Outcome;
        totals[outcome.outcome] += 1;
        report({ line, ...outcome });
      }
    }
    return totals;
  };
}

/** Numbered from one; an empty line is none. */
async function* inBatches(lines: AsyncIterable<string>): AsyncGenerator<{ line: number; text: string }[]> {
  let batch: { line: number; text: string }[] = [];
  let line = 0;
  for await (const each of lines) {
    line += 1;
    const text = each.trim(); // a byte order mark is white space too
    if (text !== '') batch.push({ line, text });
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
