import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { NetworkError } from '@keycloak/keycloak-admin-client';
import { Problem } from '../errors/problem.js';
import { guarded, statusOf } from './admin-client.js';
import { keycloakErrors } from './errors.js';
import type { KeycloakProfile } from './keycloak-identity.js';

/** A stored password credential, as Keycloak keeps them: parameters in the first, the hash in the second, each as JSON. */
export interface PasswordHash {
  credentialData: string;
  secretData: string;
}

export interface ImportedAccounts {
  /**
   * A user who can't sign in yet and has no identifier but a name of ours, with the hash they had elsewhere. When that
   * name is there already, an earlier try made it: its id, and nothing is changed.
   * @throws Problem `keycloak.user_refused` (422)
   */
  createDisabled(username: string, displayName: string, hash: PasswordHash): Promise<string>;
  /**
   * Gives the user what they are known by, and lets them sign in. `taken`: somebody else has the address or the name in
   * Keycloak. Twice is harmless.
   * @throws Problem `keycloak.user_refused` (422)
   */
  complete(keycloakId: string, profile: KeycloakProfile): Promise<'done' | 'taken'>;
}

/** Users who move over with a hash (S13). */
export function createImportedAccounts(client: KcAdminClient, realm: string): ImportedAccounts {
  const idOf = async (username: string) =>
    (await client.users.find({ realm, username, exact: true, max: 1 }))[0]?.id;

  return {
    createDisabled: (username, firstName, hash) =>
      guarded(async () => {
        const credentials = [{ type: 'password', ...hash }];
        try {
          return (await client.users.create({ realm, username, firstName, enabled: false, credentials })).id;
        } catch (error) {
          const earlier = statusOf(error) === 409 ? await idOf(username) : undefined;
          return earlier ?? refuseUser(error);
        }
      }),
    complete: (id, { username, displayName, email, emailVerified, phone, phoneVerified }) =>
      guarded(async () => {
        const attributes = phone
          ? { phoneNumber: [phone], phoneNumberVerified: [String(phoneVerified)] }
          : {};
        const known = { username, firstName: displayName, email: email ?? '', emailVerified, attributes };
        try {
          await client.users.update({ realm, id }, { ...known, enabled: true });
          return 'done';
        } catch (error) {
          return statusOf(error) === 409 ? 'taken' : refuseUser(error);
        }
      }),
  };
}

/** 400 with a message is how Keycloak says that it takes no such name. */
function refuseUser(error: unknown): never {
  if (!(error instanceof NetworkError) || error.response.status !== 400) throw error;
  const { errorMessage: reason } = (error.responseData ?? {}) as { errorMessage?: string };
  throw new Problem(keycloakErrors.user_refused, {
    ...(reason ? { extensions: { reason } } : {}),
    cause: error,
  });
}
