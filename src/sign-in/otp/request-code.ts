import type { Database, Transaction } from '../../database/database.js';
import { type IssueCode, type OtpNamespace, refusalProblem } from '../../otp/index.js';
import type { FindAccount } from '../../people/index.js';
import type { Language } from '../choose-language.js';
import type { Client } from '../registered-client.js';
import type { CodeTarget } from './code-target.js';

/** What the asker is told: the same for an identifier that nobody has. Times in seconds. */
export interface CodePromise {
  challengeId: string;
  expiresIn: number;
  resendIn: number;
}

export interface CodeMessage {
  channel: 'sms' | 'mail';
  to: string;
  template: 'otp' | 'account-exists';
  code: string;
  lifetimeS: number;
  language: Language;
  namespace: OtpNamespace;
  merchantId: string | null;
  /** Why it is written down and not sent; the row is written all the same, so that no answer tells (O5). */
  withheld: 'no_account' | 'not_served' | null;
}

/** Writes the message into the transaction; a worker sends it (D7). */
export type PromiseCode = (sql: Transaction, message: CodeMessage) => Promise<void>;

export interface CodeRequest {
  namespace: OtpNamespace;
  target: CodeTarget;
  client: Client;
  language: Language;
  /** What the code is good for; the account through `client` unless said. */
  purpose?: Readonly<Record<string, string>>;
  /** For a number that is to become somebody's: it is sent to whether anybody has it or not. */
  forAnybody?: boolean;
}

export type RequestCode = (request: CodeRequest) => Promise<CodePromise>;

/**
 * Promises a code to an identifier. Known and unknown take the same steps: one step in Redis, one look-up, one row.
 * @throws Problem `otp.cooldown`, `otp.locked`, `otp.quota_exceeded` (429), `otp.unavailable` (503)
 */
export function createRequestCode(options: {
  codes: IssueCode;
  database: Database;
  /** Who may get a code in a namespace. */
  recipients: Readonly<Record<OtpNamespace, FindAccount>>;
  promiseCode: PromiseCode;
}): RequestCode {
  const { codes, database, recipients, promiseCode } = options;
  return async ({ namespace, target, client, language, forAnybody = false, ...asked }) => {
    const { identifier, served } = target;
    const { merchantId } = client;
    const purpose = { ...(asked.purpose ?? { for: 'account', clientId: client.id }) };
    const request = { namespace, identifier: identifier.value, merchantId, device: null, purpose };
    const issued = await codes.issue(request);
    if ('refused' in issued) throw refusalProblem(issued);
    const { challengeId, code, expiresIn, resendIn } = issued;
    try {
      await database.transaction(async (sql) => {
        const account = await recipients[namespace](sql, identifier);
        await promiseCode(sql, {
          channel: identifier.scheme === 'phone' ? 'sms' : 'mail',
          to: identifier.value,
          template: 'otp',
          code,
          lifetimeS: expiresIn,
          language,
          namespace,
          merchantId,
          withheld: served ? (account || forAnybody ? null : 'no_account') : 'not_served',
        });
      });
    } catch (error) {
      await codes.takeBack(request).catch(() => undefined); // it ends by itself
      throw error;
    }
    return { challengeId, expiresIn, resendIn };
  };
}
