import pg from 'pg';

/**
 * Does the work while nobody else who takes the same lock does theirs; whoever comes second waits.
 * @param url straight to PostgreSQL (a transaction-mode pooler can't carry the lock, D9)
 * @param lock any number that nothing else in this database locks
 */
export async function withLeaderLock<T>(url: string, lock: number, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'nx-identity-leader',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  });
  client.on('error', () => {}); // a lock lost in the middle: the work is safe to be done twice at once
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [lock]);
    return await work();
  } finally {
    await client.end();
  }
}
