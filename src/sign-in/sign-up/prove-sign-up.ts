import type { Database, Sql } from '../../database/database.js';
import { Problem } from '../../errors/problem.js';
import type { Visitor } from '../../http/route.js';
import { otpErrors } from '../../otp/index.js';
import { IdentifierTaken, type RegisterPerson, releaseDormant } from '../../people/index.js';
import type { FinishSignUp } from './finish-sign-up.js';
import type { ProvenSignUp, SignUpStore } from './sign-up-store.js';

export type ProveSignUp = (signUpId: string, visitor: Visitor) => Promise<void>;

/**
 * The right code of this very attempt (S4): in one transaction the rivals die, and the identifier is reserved for a
 * new person with the default role; Keycloak is written after that.
 * @throws Problem `otp.invalid` (401) for an attempt that is over, or whose identifier somebody proved first
 */
export function createProveSignUp(options: {
  database: Database;
  store: SignUpStore;
  register: RegisterPerson['register'];
  finish: FinishSignUp;
  dormantDays: number;
}): ProveSignUp {
  const { database, store, register, finish, dormantDays } = options;

  async function reserve(sql: Sql, signUpId: string, visitor: Visitor): Promise<ProvenSignUp | undefined> {
    const proven = await store.prove(sql, signUpId);
    if (!proven) return undefined;
    const { keycloakId, keycloakUsername: username, displayName, identifier } = proven;
    if (identifier.scheme === 'phone') await releaseDormant(sql, identifier.value, dormantDays);
    await register(sql, { keycloakId, username, displayName, identifier }, visitor);
    return proven;
  }

  return async (signUpId, visitor) => {
    const signUp = await database
      .transaction((sql) => reserve(sql, signUpId, visitor))
      .catch((error: unknown) => {
        if (error instanceof IdentifierTaken) return undefined;
        throw error;
      });
    if (!signUp || !(await finish(signUp))) throw new Problem(otpErrors.invalid);
  };
}
