import { Problem } from '../errors/problem.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { PasswordSignInUseCase } from './sign-in-with-password.js';

/** Counts every password sign-in by scheme and outcome: `signed_in`, a problem's code, or `error`. */
export function countSignIns(
  signIn: PasswordSignInUseCase,
  metrics: Pick<Metrics, 'signIn'>,
): PasswordSignInUseCase {
  return async (request) => {
    const count = (outcome: string) => metrics.signIn(request.identifier.scheme, outcome);
    try {
      const session = await signIn(request);
      count('signed_in');
      return session;
    } catch (error) {
      count(error instanceof Problem ? error.kind.code : 'error');
      throw error;
    }
  };
}
