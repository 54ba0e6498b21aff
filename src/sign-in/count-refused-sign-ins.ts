import type { CountRefusal } from '../audit/index.js';
import { Problem } from '../errors/problem.js';
import { signInErrors } from './errors.js';
import type { FirstPartySignIn } from './sign-in-first-party.js';

/** Counts refused first-party sign-ins by their source alone: never by identifier, known or not. */
export function countRefusedSignIns(signIn: FirstPartySignIn, countRefusal: CountRefusal): FirstPartySignIn {
  return async (request) => {
    try {
      return await signIn(request);
    } catch (error) {
      if (error instanceof Problem && error.kind === signInErrors.refused) {
        countRefusal({ action: 'sign_in.refused', call: 'sign-in', address: request.visitor.address });
      }
      throw error;
    }
  };
}
