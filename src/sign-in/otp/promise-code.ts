import type { Transaction } from '../../database/database.js';
import type { Visitor } from '../../http/route.js';
import type { PromiseMessage } from '../../messaging/index.js';
import type { GuardRefusal, OtpNamespace } from '../../otp/index.js';
import type { Language } from '../choose-language.js';

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

/** A code as a message: it is never sent past its life, and lies in the row only until a provider has it (D7). */
export function createPromiseCode(promiseMessage: PromiseMessage): PromiseCode {
  return async (sql, { code, lifetimeS, namespace, template, knownDevice = false, ...message }) => {
    const contents =
      template === 'otp'
        ? { variables: { minutes: String(Math.ceil(lifetimeS / 60)) }, secret: { code } }
        : { variables: {} };
    const { withheld } = await promiseMessage(sql, {
      ...message,
      ...contents,
      template,
      purpose: codePurpose(namespace, knownDevice),
      deadline: { seconds: lifetimeS },
    });
    return withheld;
  };
}

/** The ledger tells a known device's codes from everybody else's: each has a quota of its own. */
export const codePurpose = (namespace: OtpNamespace, knownDevice: boolean): string =>
  knownDevice ? `otp.${namespace}.device` : `otp.${namespace}`;
