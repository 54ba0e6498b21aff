import { Problem } from '../errors/problem.js';
import { signInErrors } from './errors.js';
import type { FirstPartySignIn } from './sign-in-first-party.js';
import type { RequestSignUp } from './sign-up/request-sign-up.js';

/** Begun with a request; what it gives waits until a whole multiple of the beat has passed since. */
export type AnswerBeat = () => () => Promise<void>;

/**
 * For answers whose time must tell nothing (O5): at the first multiple as a rule, at a later one under load.
 * @param options.beatMs 0: as they come
 * @param options.monotonicNow milliseconds
 * @param options.pause resolves after so many milliseconds
 */
export function createAnswerBeat(options: {
  beatMs: number;
  monotonicNow: () => number;
  pause: (ms: number) => Promise<void>;
}): AnswerBeat {
  const { beatMs, monotonicNow, pause } = options;
  return () => {
    const begun = monotonicNow();
    return () => pause(untilNextBeat(monotonicNow() - begun, beatMs));
  };
}

const untilNextBeat = (tookMs: number, beatMs: number): number =>
  beatMs === 0 ? 0 : Math.ceil(tookMs / beatMs) * beatMs - tookMs;

/**
 * Keycloak hashes a password for whoever it is, but writes down a wrong one of a known person and looks a lock up, which
 * takes some milliseconds more. So refusals come on the beat.
 */
export const evenRefusals =
  (signIn: FirstPartySignIn, beat: AnswerBeat): FirstPartySignIn =>
  async (visit) => {
    const onTheBeat = beat();
    try {
      return await signIn(visit);
    } catch (error) {
      if (error instanceof Problem && error.kind === signInErrors.refused) await onTheBeat();
      throw error;
    }
  };

/** Known and unknown identifiers take the same steps; that Keycloak takes the same time for each is not ours to say. */
export const evenSignUps =
  (requestSignUp: RequestSignUp, beat: AnswerBeat): RequestSignUp =>
  async (request) => {
    const onTheBeat = beat();
    const promise = await requestSignUp(request);
    await onTheBeat();
    return promise;
  };
