import { types } from 'node:util';

/** SQLSTATE classes and codes that say "not now": connection, resources, shutdown, read-only, lock time-outs. */
const SQL_STATES = /^(08|53|57P|58|25006|55P03|57014)/;
const SOCKET_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EMFILE',
]);
/** What node-postgres throws without any code. */
const MESSAGES =
  /timeout exceeded when trying to connect|Query read timeout|Connection terminated|client has encountered a connection error/i;

/** Whether an error means that PostgreSQL is away or overloaded, rather than that the statement is wrong. */
export function isUnavailable(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== undefined) return SOCKET_ERRORS.has(code) || SQL_STATES.test(code);
  if ('errors' in error) return (error as AggregateError).errors.some(isUnavailable);
  return MESSAGES.test(error.message);
}
