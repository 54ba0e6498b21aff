import { Problem } from '../errors/problem.js';
import { signInErrors } from './errors.js';
import type { FirstPartySignIn } from './sign-in-first-party.js';

/**
 * Refusals that come at one time (O5): Keycloak hashes a password for whoever it is, but writes down a wrong one of a
 * known person and looks a lock up, which takes some milliseconds more. So each is answered at a whole multiple of `beatMs` after it
 * was asked for: at the first one as a rule, at a later one under load.
 * @param options.beatMs 0: as they come
 * @param options.monotonicNow milliseconds
 * @param options.pause resolves after so many milliseconds
 */
export function evenRefusals(
  signIn: FirstPartySignIn,
  options: { beatMs: number; monotonicNow: () => number; pause: (ms: number) => Promise<void> },
): FirstPartySignIn {
  const { beatMs, monotonicNow, pause } = options;
  return async (visit) => {
    const begun = monotonicNow();
    try {
      return await signIn(visit);
    } catch (error) {
      if (error instanceof Problem && error.kind === signInErrors.refused) {
        await pause(untilNextBeat(monotonicNow() - begun, beatMs));
      }
      throw error;
    }
  };
}

const untilNextBeat = (tookMs: number, beatMs: number): number =>
  beatMs === 0 ? 0 : Math.ceil(tookMs / beatMs) * beatMs - tookMs;
