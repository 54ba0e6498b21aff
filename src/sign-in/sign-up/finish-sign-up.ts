import { recordImpersonal } from '../../audit/index.js';
import type { Database } from '../../database/database.js';
import type { KeycloakAccounts } from '../../keycloak-gateway/index.js';
import type { RegisterPerson } from '../../people/index.js';
import type { ProvenSignUp, SignUpStore } from './sign-up-store.js';

/** Twice is harmless. False: somebody else had proven the identifier in Keycloak, and everything here is undone. */
export type FinishSignUp = (signUp: ProvenSignUp) => Promise<boolean>;

/** The second half of a proof: Keycloak learns of it. A crash before that leaves a proven row, which a worker finishes. */
export function createFinishSignUp(options: {
  database: Database;
  store: SignUpStore;
  accounts: Pick<KeycloakAccounts, 'attach' | 'takeFromOthers'>;
  unregister: RegisterPerson['unregister'];
}): FinishSignUp {
  const { database, store, accounts, unregister } = options;

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
      await unregister(sql, signUp.keycloakId);
      await store.giveUp(sql, signUp.id);
    });
    return false;
  }

  return finish;
}
