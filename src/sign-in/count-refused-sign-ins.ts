import type { CountRefusal } from '../audit/index.js';
import { Problem } from '../errors/problem.js';
import { signInErrors } from './errors.js';
import type { PasswordSignInUseCase } from './sign-in-with-password.js';

/** Counts refused password sign-ins by their source alone: never by identifier, known or not. */
export function countRefusedSignIns(
  signIn: PasswordSignInUseCase,
  countRefusal: CountRefusal,
): PasswordSignInUseCase {
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
