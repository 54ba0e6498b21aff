import { Problem } from '../errors/problem.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { FirstPartySignIn } from './sign-in-first-party.js';

/** Counts every first-party sign-in by scheme and outcome: `signed_in`, a problem's code, or `error`. */
export function countSignIns(signIn: FirstPartySignIn, metrics: Pick<Metrics, 'signIn'>): FirstPartySignIn {
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
