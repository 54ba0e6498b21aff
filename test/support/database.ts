import pg from 'pg';
import type { Sql } from '../../src/database/database.js';
import { testParts } from '../parts.js';

/** One statement as the superuser: sees everything, past row-level security. */
export function sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
  return queryAs(testParts().postgres.superUrl, text, values);
}

export async function queryAs<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** With the worker's rights and no others. */
export const worker: Sql = {
  query: <Row>(text: string, values?: readonly unknown[]) =>
    queryAs(`${testParts().postgres.superUrl}?options=-c%20role%3Dnx_worker`, text, [
      ...(values ?? []),
    ]) as unknown as Promise<Row[]>,
};
