import { recordImpersonal } from '../../audit/index.js';
import type { Database, Sql } from '../../database/database.js';
import { Problem } from '../../errors/problem.js';
import type { Visitor } from '../../http/route.js';
import type { KeycloakAccounts } from '../../keycloak-gateway/index.js';
import { otpErrors } from '../../otp/index.js';
import { IdentifierTaken, type RegisterPerson, releaseDormant } from '../../people/index.js';
import type { ProvenSignUp, SignUpStore } from './sign-up-store.js';

export interface FinishSignUp {
  /** The right code: the identifier is reserved here, then attached in Keycloak. @throws Problem `otp.invalid` (401) */
  prove(signUpId: string, visitor: Visitor): Promise<void>;
  /** The second half, for an attempt that is proven; doing it twice is harmless. False: somebody else had proven it. */
  finish(signUp: ProvenSignUp): Promise<boolean>;
}

/**
 * A saga of two steps: what is proven is reserved in our database, where it is unique, before Keycloak is written; a
 * crash in between leaves a proven row that a worker finishes.
 */
export function createFinishSignUp(options: {
  database: Database;
  store: SignUpStore;
  accounts: Pick<KeycloakAccounts, 'attach' | 'takeFromOthers'>;
  people: RegisterPerson;
  dormantDays: number;
}): FinishSignUp {
  const { database, store, accounts, people, dormantDays } = options;

  /** A name that is taken, or that Keycloak does not like, was only a wish. */
  async function attach({ identifier, keycloakId, wishedUsername }: ProvenSignUp) {
    if (wishedUsername !== null) {
      const wish = { enable: true, username: wishedUsername };
      if ((await accounts.attach(keycloakId, identifier, wish)) === 'done') return 'done';
    }
    return accounts.attach(keycloakId, identifier, { enable: true });
  }

  /** An address that nobody proved, such as that of an unfinished hosted registration, yields to the proof. */
  async function takeOver({ identifier, keycloakId }: ProvenSignUp): Promise<boolean> {
    const losers = await accounts.takeFromOthers(keycloakId, identifier);
    if (losers === 'taken') return false;
    const acts = losers.map((loser) => ({
      actor: { type: 'system', id: 'sign-up' } as const,
      action: 'user.identifier_yielded' as const,
      subject: { type: 'user', id: `keycloak:${loser}` } as const,
      after: { scheme: identifier.scheme, to: `keycloak:${keycloakId}` },
    }));
    if (acts.length > 0) await recordImpersonal(database, ...acts);
    return true;
  }

  async function finish(signUp: ProvenSignUp): Promise<boolean> {
    if ((await takeOver(signUp)) && (await attach(signUp)) === 'done') {
      await store.finish(database, signUp.id);
      return true;
    }
    await database.transaction(async (sql) => {
      await people.unregister(sql, signUp.keycloakId);
      await store.giveUp(sql, signUp.id);
    });
    return false;
  }

  async function reserve(sql: Sql, signUpId: string, visitor: Visitor): Promise<ProvenSignUp | undefined> {
    const proven = await store.prove(sql, signUpId);
    if (!proven) return undefined;
    const { keycloakId, keycloakUsername: username, displayName, identifier } = proven;
    if (identifier.scheme === 'phone') await releaseDormant(sql, identifier.value, dormantDays);
    await people.register(sql, { keycloakId, username, displayName, identifier }, visitor);
    return proven;
  }

  return {
    finish,
    async prove(signUpId, visitor) {
      const signUp = await database
        .transaction((sql) => reserve(sql, signUpId, visitor))
        .catch((error: unknown) => {
          if (error instanceof IdentifierTaken) return undefined;
          throw error;
        });
      if (!signUp || !(await finish(signUp))) throw new Problem(otpErrors.invalid);
    },
  };
}
