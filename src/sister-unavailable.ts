import { Problem } from './errors/problem.js';

/** 503: the database doesn't answer in time. Express' own error handler reads `status` and `headers`. */
export class SisterUnavailable extends Error {
  override readonly name = 'SisterUnavailable';
  readonly status = 503;
  readonly headers = { 'retry-after': '2' };
}

/** @throws SisterUnavailable instead of our own problem of that status */
export function refusingWhenAway<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (!(error instanceof Problem) || error.kind.status !== 503) throw error;
    throw new SisterUnavailable('the database is unavailable', { cause: error });
  });
}
