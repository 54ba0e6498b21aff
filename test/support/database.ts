import pg from 'pg';
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
