import { randomBytes } from 'node:crypto';
import type { Database } from '../../database/database.js';
import type { NextId } from '../../database/snowflake.js';
import type { Visitor } from '../../http/route.js';
import type { KeycloakAccounts, ProvenIdentifier } from '../../keycloak-gateway/index.js';
import { type IssueCode, refusalProblem } from '../../otp/index.js';
import type { FindAccount } from '../../people/index.js';
import type { Language } from '../choose-language.js';
import type { CodeTarget } from '../otp/code-target.js';
import type { CodePromise, PromiseCode } from '../otp/request-code.js';
import type { Client } from '../registered-client.js';
import type { SignUpStore } from './sign-up-store.js';

export interface SignUpRequest {
  target: CodeTarget;
  password: string;
  profile: { displayName?: string | undefined; username?: string | undefined };
  client: Client;
  language: Language;
  visitor: Visitor;
}

export type RequestSignUp = (request: SignUpRequest) => Promise<CodePromise>;

/**
 * An attempt at an account (S4). The password goes to a disabled Keycloak user of this attempt alone, under a random
 * name, so nobody's identifier is touched. A known identifier takes the same steps: its owner gets a message that they
 * have an account, and the attempt is dead from the start. Within the cooldown nothing is made and nothing is sent.
 * @throws Problem `keycloak.password_refused` (422), `otp.locked`, `otp.quota_exceeded` (429), `otp.unavailable` (503)
 */
export function createRequestSignUp(options: {
  codes: IssueCode;
  database: Database;
  store: SignUpStore;
  accounts: Pick<KeycloakAccounts, 'createDisabled' | 'findByEmail'>;
  findAccount: FindAccount;
  promiseCode: PromiseCode;
  nextId: NextId;
}): RequestSignUp {
  const { codes, database, store, accounts, findAccount, promiseCode, nextId } = options;

  /** A hosted registration that was verified there and has not arrived here yet is an account too. */
  async function isKnown(identifier: ProvenIdentifier): Promise<boolean> {
    if (await findAccount(database, identifier)) return true;
    if (identifier.scheme === 'phone') return false;
    return (await accounts.findByEmail(identifier.value))?.emailVerified === true;
  }

  return async ({ target, password, profile, client, language, visitor }) => {
    const { identifier, served, country } = target;
    const { merchantId } = client;
    const id = nextId();
    const namespace = identifier.scheme === 'phone' ? 'phone-auth' : 'verify-email';
    const purpose = { for: 'sign-up', signUpId: id, clientId: client.id };
    const request = { namespace, identifier: identifier.value, merchantId, device: null, purpose } as const;
    const issued = await codes.issue(request);
    if ('refused' in issued) {
      if (issued.refused !== 'cooldown') throw refusalProblem(issued);
      return { ...(await codes.decoy(request)), resendIn: issued.retryIn };
    }
    const { challengeId, code, expiresIn, resendIn } = issued;
    const keycloakUsername = `sign-up-${randomBytes(12).toString('hex')}`;
    const displayName = profile.displayName ?? '';
    try {
      const wishedUsername = profile.username ?? null;
      await store.begin(database, { id, identifier, keycloakUsername, displayName, wishedUsername });
      const known = await isKnown(identifier);
      const keycloakId = await accounts.createDisabled({ username: keycloakUsername, displayName, password });
      await database.transaction(async (sql) => {
        await store.hasUser(sql, id, keycloakId, known ? 'dead' : 'pending');
        await promiseCode(sql, {
          channel: identifier.scheme === 'phone' ? 'sms' : 'mail',
          to: identifier.value,
          template: known ? 'account-exists' : 'otp',
          code,
          lifetimeS: expiresIn,
          language,
          namespace,
          merchantId,
          ...{ country, visitor },
          withheld: served ? null : 'not_served',
        });
      });
    } catch (error) {
      await codes.takeBack(request).catch(() => undefined);
      await store.giveUp(database, id).catch(() => undefined); // the worker finds it in a day
      throw error;
    }
    return { challengeId, expiresIn, resendIn };
  };
}
