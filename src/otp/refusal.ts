import { Problem } from '../errors/problem.js';
import { otpErrors } from './errors.js';

/** Why nothing was done: the same for an identifier that nobody has. `retryIn` in seconds. */
export interface Refusal {
  refused: 'locked' | 'cooldown' | 'quota_exceeded';
  retryIn: number;
}

export const refusal = (reason: string, waitMs: number): Refusal => ({
  refused: reason as Refusal['refused'],
  retryIn: Math.max(1, Math.ceil(waitMs / 1000)),
});

/** The 429 of a refusal. */
export function refusalProblem({ refused, retryIn }: Refusal): Problem {
  return new Problem(otpErrors[refused], { headers: { 'Retry-After': String(retryIn) } });
}

/** Without Redis no code is issued and none is taken: who can't count does not let anybody guess (D8). */
export async function unlessRedisIsAway<Result>(step: Promise<Result>): Promise<Result> {
  try {
    return await step;
  } catch (error) {
    throw new Problem(otpErrors.unavailable, { headers: { 'Retry-After': '5' }, cause: error });
  }
}
