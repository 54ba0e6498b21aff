import { randomBytes } from 'node:crypto';
import type { Database, Sql } from '../../database/database.js';
import type { NextId } from '../../database/snowflake.js';
import type { Visitor } from '../../http/route.js';
import type { KeycloakAccounts, ProvenIdentifier } from '../../keycloak-gateway/index.js';
import { type IssueCode, refusalProblem } from '../../otp/index.js';
import type { FindAccount } from '../../people/index.js';
import type { Language } from '../choose-language.js';
import type { CodeTarget } from '../otp/code-target.js';
import type { CodeDecision, CodePromise, SendCode } from '../otp/send-code.js';
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
  codes: Pick<IssueCode, 'decoy'>;
  database: Database;
  store: SignUpStore;
  accounts: Pick<KeycloakAccounts, 'createDisabled' | 'findByEmail'>;
  findAccount: FindAccount;
  sendCode: SendCode;
  nextId: NextId;
}): RequestSignUp {
  const { codes, database, store, accounts, findAccount, sendCode, nextId } = options;

  /**
   * A hosted registration that was verified there and has not arrived here yet is an account too. Both are always asked:
   * a call that only unknown addresses cost would tell them apart (O5).
   */
  async function isKnown(identifier: ProvenIdentifier): Promise<boolean> {
    const [account, user] = await Promise.all([
      findAccount(database, identifier),
      identifier.scheme === 'phone' ? undefined : accounts.findByEmail(identifier.value),
    ]);
    return account !== undefined || user?.emailVerified === true;
  }

  /** The row, then the disabled user; answers what the message's transaction has to write. */
  async function begin(id: string, { target, password, profile }: SignUpRequest) {
    const { identifier } = target;
    const keycloakUsername = `sign-up-${randomBytes(12).toString('hex')}`;
    const displayName = profile.displayName ?? '';
    const wishedUsername = profile.username ?? null;
    await store.begin(database, { id, identifier, keycloakUsername, displayName, wishedUsername });
    const known = await isKnown(identifier);
    const keycloakId = await accounts.createDisabled({ username: keycloakUsername, displayName, password });
    return async (sql: Sql): Promise<CodeDecision> => {
      await store.hasUser(sql, id, keycloakId, known ? 'dead' : 'pending');
      return { template: known ? 'account-exists' : 'otp' };
    };
  }

  return async (request) => {
    const { target, client, language, visitor } = request;
    const id = nextId();
    const order = {
      namespace: target.identifier.scheme === 'phone' ? 'phone-auth' : 'verify-email',
      merchantId: client.merchantId,
      device: null,
      purpose: { for: 'sign-up', signUpId: id, clientId: client.id },
      ...{ target, language, visitor },
    } as const;
    const sent = await sendCode(order, () => begin(id, request)).catch(async (error: unknown) => {
      await store.giveUp(database, id).catch(() => undefined); // the worker finds it in a day
      throw error;
    });
    if (!('refused' in sent)) return sent;
    if (sent.refused !== 'cooldown') throw refusalProblem(sent);
    const { namespace, merchantId, device, purpose } = order;
    const identifier = target.identifier.value;
    const decoy = await codes.decoy({ namespace, identifier, merchantId, device, purpose });
    return { ...decoy, resendIn: sent.retryIn };
  };
}
