import type { Database } from '../../database/database.js';
import { Problem } from '../../errors/problem.js';
import type { Visitor } from '../../http/route.js';
import type { ImportedAccounts, KeycloakAccounts } from '../../keycloak-gateway/index.js';
import { keycloakErrors } from '../../keycloak-gateway/index.js';
import { IdentifierTaken, type RegisterPerson } from '../../people/index.js';
import { type Newcomer, temporaryName } from './import-line.js';
import type { ImportedUser, ImportStore } from './import-store.js';

export type Outcome =
  | { outcome: 'imported' | 'already'; userId: string }
  /** Nothing is left of it, here or in Keycloak. */
  | { outcome: 'refused'; reason: string };

export type ImportUser = (newcomer: Newcomer) => Promise<Outcome>;

/**
 * One line: a disabled user in Keycloak under a name that is the line's own, then person, identifiers and default role
 * in one transaction here, then Keycloak learns who it is and lets them in (D3). Cut off anywhere, the same line goes on.
 * @throws Problem of 503 when a part is away
 */
export function createImportUser(options: {
  database: Database;
  store: ImportStore;
  accounts: Pick<KeycloakAccounts, 'takeFromOthers' | 'remove'>;
  imported: ImportedAccounts;
  register: RegisterPerson['registerProfile'];
  unregister: RegisterPerson['unregister'];
  visitor: Visitor;
}): ImportUser {
  const { database, store, accounts, imported, register, unregister, visitor } = options;

  async function begin({ digest, profile, hash }: Newcomer): Promise<ImportedUser | string> {
    const [taken] = await store.taken(database, profile);
    if (taken !== undefined) return `taken: ${taken}`;
    const keycloakId = await imported.createDisabled(temporaryName(digest), profile.displayName, hash);
    try {
      const userId = await database.transaction(async (sql) => {
        const id = await register(sql, keycloakId, profile, visitor);
        await store.begin(sql, digest, { userId: id, keycloakId });
        return id;
      });
      return { userId, keycloakId, done: false };
    } catch (error) {
      // The same line by another run of this command at the same moment is that one's.
      const other = await store.find(database, digest);
      if (other) return other;
      if (!(error instanceof IdentifierTaken)) throw error;
      await accounts.remove(keycloakId);
      return `taken: ${error.scheme}`;
    }
  }

  /** An address that its holder in Keycloak never proved yields, as it does to a sign-up. */
  async function complete({ profile }: Newcomer, keycloakId: string): Promise<string | undefined> {
    const { email, emailVerified, phone } = profile;
    if (phone !== null) await accounts.takeFromOthers(keycloakId, { scheme: 'phone', value: phone });
    if ((await imported.complete(keycloakId, profile)) === 'done') return undefined;
    if (email === null || !emailVerified) return 'taken: name or address in Keycloak';
    const losers = await accounts.takeFromOthers(keycloakId, { scheme: 'email', value: email });
    if (losers === 'taken') return 'taken: email';
    return (await imported.complete(keycloakId, profile)) === 'done' ? undefined : 'taken: username';
  }

  async function undo({ digest }: Newcomer, keycloakId: string): Promise<void> {
    await database.transaction(async (sql) => {
      await store.forget(sql, digest);
      await unregister(sql, keycloakId);
    });
    await accounts.remove(keycloakId);
  }

  return async (newcomer) => {
    const begun =
      (await store.find(database, newcomer.digest)) ?? (await begin(newcomer).catch(refusedByKeycloak));
    if (typeof begun === 'string') return { outcome: 'refused', reason: begun };
    const { userId, keycloakId } = begun;
    if (begun.done) return { outcome: 'already', userId };
    const reason = await complete(newcomer, keycloakId).catch(refusedByKeycloak);
    if (reason !== undefined) {
      await undo(newcomer, keycloakId);
      return { outcome: 'refused', reason };
    }
    await store.finish(database, newcomer.digest);
    return { outcome: 'imported', userId };
  };
}

function refusedByKeycloak(error: unknown): string {
  if (!(error instanceof Problem) || error.kind !== keycloakErrors.user_refused) throw error;
  const { reason = 'no reason given' } = (error.options.extensions ?? {}) as { reason?: string };
  return `keycloak: ${reason}`;
}
