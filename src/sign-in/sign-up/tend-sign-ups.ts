import type { Database } from '../../database/database.js';
import type { KeycloakAccounts } from '../../keycloak-gateway/index.js';
import type { FinishSignUp } from './finish-sign-up.js';
import type { SignUp, SignUpStore } from './sign-up-store.js';

/** Finishes proven attempts whose request died, and removes what was never proven, in Keycloak first. Harmless twice. */
export function createTendSignUps(options: {
  database: Database;
  store: SignUpStore;
  accounts: Pick<KeycloakAccounts, 'findByUsername' | 'remove'>;
  finish: FinishSignUp;
}): () => Promise<void> {
  const { database, store, accounts, finish } = options;

  async function remove({ id, keycloakId, keycloakUsername }: SignUp): Promise<void> {
    // A process that died in between has not written down which user it made.
    const user = keycloakId ?? (await accounts.findByUsername(keycloakUsername));
    if (user !== undefined) await accounts.remove(user);
    await store.forget(database, id);
  }

  return async () => {
    for (const signUp of await store.unfinished(database)) await finish(signUp);
    for (const signUp of await store.abandoned(database)) await remove(signUp);
    await store.forgetDone(database);
  };
}
