import pg from 'pg';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { isUnavailable } from './is-unavailable.js';

/** Times in milliseconds: no request waits longer for the database (D8). */
const CONNECT_TIMEOUT = 2000;
const QUERY_TIMEOUT = 4000;

/** Is told of connections that were lost. */
interface Complaints {
  warn(details: { err: unknown }, what: string): void;
}

/** Where a statement can be sent: the pool, or one transaction. */
export interface Sql {
  /** Values go as parameters; a statement never carries data in its text. */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** One transaction that is under way. */
export interface Transaction extends Sql {
  /** Calls `then` once what was written is there for others to see: after the commit, never after a roll-back. */
  afterCommit(then: () => void): void;
}

export interface Database extends Sql {
  /**
   * Runs `work` in one transaction and rolls back when it throws. With `tenantId`, row-level security
   * shows that tenant's rows and no others until the transaction ends (D12).
   */
  transaction<Result>(
    work: (sql: Transaction) => Promise<Result>,
    options?: { tenantId?: string },
  ): Promise<Result>;
  /** Connections by state, and how many requests wait for one. */
  poolUse(): Record<'busy' | 'idle' | 'waiting', number>;
  close(): Promise<void>;
}

/**
 * The pool. Nothing connects before the first query, so the service starts while PostgreSQL is away.
 * It keeps no session state (no prepared names, no SET), so a transaction-mode pooler may stand between (R10).
 * @throws Problem `request.unavailable` (503) when PostgreSQL can't be reached or doesn't answer in time
 */
export function createDatabase(options: { url: string; poolSize: number; logger: Complaints }): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    application_name: 'nx-identity',
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    query_timeout: QUERY_TIMEOUT,
    idleTimeoutMillis: 30_000,
  });
  pool.on('error', (error) => options.logger.warn({ err: error }, 'an idle database connection was lost'));

  return {
    async query<Row>(text: string, values: readonly unknown[] = []) {
      // The pool closes a connection whose query failed, so one that timed out is never used again.
      const result = await pool.query(text, [...values]).catch(refuseWhenAway);
      return result.rows as Row[];
    },
    async transaction(work, { tenantId } = {}) {
      const client = await pool.connect().catch(refuseWhenAway);
      let failure: Error | undefined;
      const committed: (() => void)[] = [];
      try {
        await client.query('BEGIN');
        if (tenantId !== undefined)
          await client.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenantId]);
        const result = await work({
          query: async <Row>(text: string, values: readonly unknown[] = []) =>
            (await client.query(text, [...values])).rows as Row[],
          afterCommit: (then) => void committed.push(then),
        });
        await client.query('COMMIT');
        for (const then of committed) then();
        return result;
      } catch (error) {
        failure = await rollBack(client);
        return refuseWhenAway(error);
      } finally {
        client.release(failure);
      }
    },
    poolUse: () => ({
      busy: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    close: () => pool.end(),
  };
}

/** The connection's own failure, if it can't be used any more. */
async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function refuseWhenAway(error: unknown): never {
  if (!isUnavailable(error)) throw error;
  throw new Problem(requestErrors.unavailable, { headers: { 'Retry-After': '2' }, cause: error });
}
