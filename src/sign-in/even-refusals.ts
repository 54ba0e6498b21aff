import { Problem } from '../errors/problem.js';
import { signInErrors } from './errors.js';
import type { FirstPartySignIn } from './sign-in-first-party.js';

/**
 * Refusals that come at one time (O5): Keycloak hashes a password for whoever it is, but writes down a wrong one of a
 * known person and looks a lock up, which takes some milliseconds more. So none is answered sooner than `floorMs` after it was asked for.
 * @param options.monotonicNow milliseconds
 * @param options.pause resolves after so many milliseconds
 */
export function evenRefusals(
  signIn: FirstPartySignIn,
  options: { floorMs: number; monotonicNow: () => number; pause: (ms: number) => Promise<void> },
): FirstPartySignIn {
  const { floorMs, monotonicNow, pause } = options;
  return async (visit) => {
    const begun = monotonicNow();
    try {
      return await signIn(visit);
    } catch (error) {
      if (error instanceof Problem && error.kind === signInErrors.refused) {
        await pause(Math.max(0, begun + floorMs - monotonicNow()));
      }
      throw error;
    }
  };
}
