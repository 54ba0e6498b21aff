import type { Database, Transaction } from '../../database/database.js';
import type { Visitor } from '../../http/route.js';
import { type GuardRefusal, type IssueCode, type OtpNamespace, refusalProblem } from '../../otp/index.js';
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
  withheld: 'no_account' | 'not_served' | GuardRefusal | null;
  /** ISO 3166-1 alpha-2 of a number, where it tells. */
  country: string | null;
  /** Who asks. */
  visitor: Pick<Visitor, 'address' | 'agent'>;
  /** Whether a device that has signed in before asks: its codes are counted by themselves. */
  knownDevice?: boolean;
  /** VND a day, for the merchant's messages; the guard says it. */
  spendCeilingVnd?: number;
}

/** Writes the message into the transaction; a worker sends it (D7). Answers why it will not be sent, or null. */
export type PromiseCode = (sql: Transaction, message: CodeMessage) => Promise<string | null>;

export interface CodeRequest {
  namespace: OtpNamespace;
  target: CodeTarget;
  client: Client;
  language: Language;
  /** What the code is good for; the account through `client` unless said. */
  purpose?: Readonly<Record<string, string>>;
  /** For a number that is to become somebody's: it is sent to whether anybody has it or not. */
  forAnybody?: boolean;
  visitor: Pick<Visitor, 'address' | 'agent'>;
  /** One of this account's own that has signed in before. */
  device: string | null;
}

export type RequestCode = (request: CodeRequest) => Promise<CodePromise>;

/**
 * Promises a code to an identifier. Known and unknown take the same steps: the code's step in Redis, a look-up, the guard's step, a row.
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
  return async ({ namespace, target, client, language, visitor, device, forAnybody = false, ...asked }) => {
    const { identifier, served, country } = target;
    const { merchantId } = client;
    const purpose = { ...(asked.purpose ?? { for: 'account', clientId: client.id }) };
    const request = { namespace, identifier: identifier.value, merchantId, device, purpose };
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
          ...{ country, visitor, knownDevice: device !== null },
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
