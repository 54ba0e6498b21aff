import { randomBytes } from 'node:crypto';
import type { Database } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import type { Visitor } from '../http/route.js';
import type { KeycloakAccounts } from '../keycloak-gateway/index.js';
import { type FindAccount, normalizeIdentifier } from '../people/index.js';
import type { createProveSignUp, SignUpStore } from '../sign-in/index.js';

export interface NewUser {
  /** The operator vouches for it: it counts as proven. */
  email: string;
  displayName: string;
  password: string;
}

/** The new user's id, or `taken` when somebody has proven the address already: nothing is changed then. */
export type CreateUser = (user: NewUser, visitor: Visitor) => Promise<{ userId: string } | 'taken'>;

/**
 * A sign-up whose code the operator stands in for: the same row, the same disabled user until the end, so that the worker
 * finishes or removes what a crash leaves behind.
 * @throws Problem `keycloak.password_refused` (422), `keycloak.unavailable`, `request.unavailable` (503), `otp.invalid`
 *   (401) when somebody else proved the address at the same moment
 */
export function createCreateUser(options: {
  database: Database;
  store: SignUpStore;
  accounts: Pick<KeycloakAccounts, 'createDisabled' | 'findByEmail'>;
  findAccount: FindAccount;
  prove: ReturnType<typeof createProveSignUp>;
  nextId: NextId;
}): CreateUser {
  const { database, store, accounts, findAccount, prove, nextId } = options;

  async function isTaken(email: string): Promise<boolean> {
    if (await findAccount(database, { scheme: 'email', value: email })) return true;
    return (await accounts.findByEmail(email))?.emailVerified === true;
  }

  return async ({ displayName, password, ...given }, visitor) => {
    const { value } = normalizeIdentifier({ scheme: 'email', value: given.email });
    const identifier = { scheme: 'email', value } as const;
    if (await isTaken(value)) return 'taken';
    const id = nextId();
    const keycloakUsername = `sign-up-${randomBytes(12).toString('hex')}`;
    await store.begin(database, { id, identifier, keycloakUsername, displayName, wishedUsername: null });
    try {
      const keycloakId = await accounts.createDisabled({ username: keycloakUsername, displayName, password });
      await store.hasUser(database, id, keycloakId, 'pending');
    } catch (error) {
      await store.giveUp(database, id).catch(() => undefined); // the worker finds it in a day
      throw error;
    }
    await prove(id, visitor);
    const account = await findAccount(database, identifier);
    if (!account) throw new Error('a user vanished between two statements');
    return { userId: account.userId };
  };
}
