import type { Database, Transaction } from '../../database/database.js';
import type { Visitor } from '../../http/route.js';
import type { IssueCode, OtpNamespace, Refusal } from '../../otp/index.js';
import type { Language } from '../choose-language.js';
import type { CodeTarget } from './code-target.js';
import type { CodeMessage, PromiseCode } from './promise-code.js';

/** What the asker is told: the same for an identifier that nobody has. Times in seconds. */
export interface CodePromise {
  challengeId: string;
  expiresIn: number;
  resendIn: number;
}

export interface CodeOrder {
  namespace: OtpNamespace;
  target: CodeTarget;
  /** Whose sender, texts and policy; null: the platform's. */
  merchantId: string | null;
  /** A device of the account's own that has signed in before. */
  device: string | null;
  /** What the code is good for. */
  purpose: Readonly<Record<string, string>>;
  language: Language;
  visitor: Pick<Visitor, 'address' | 'agent'>;
}

/** Which text goes out, or why none does. */
export type CodeDecision = Pick<CodeMessage, 'template'> & {
  withheld?: 'no_account' | null;
  /** Not to be seen by the merchant’s own provider: sent, and counted, as the platform’s. */
  byPlatform?: boolean;
};

/**
 * Draws a code and promises the message that carries it.
 * @param decide runs between the two, and answers what decides within the transaction of the message
 */
export type SendCode = (
  order: CodeOrder,
  decide: () => Promise<(sql: Transaction) => Promise<CodeDecision>>,
) => Promise<CodePromise | Refusal>;

/** The steps are the same for everybody (O5). A code that could not be promised is taken back: it counts for nothing. */
export function createSendCode(options: {
  codes: IssueCode;
  database: Database;
  promiseCode: PromiseCode;
}): SendCode {
  const { codes, database, promiseCode } = options;
  return async ({ target, purpose, ...order }, decide) => {
    const { identifier, served, country } = target;
    const { namespace, merchantId, device, language, visitor } = order;
    const request = {
      namespace,
      identifier: identifier.value,
      merchantId,
      device,
      purpose: { ...purpose },
    };
    const issued = await codes.issue(request);
    if ('refused' in issued) return issued;
    const { challengeId, code, expiresIn, resendIn } = issued;
    try {
      const inTransaction = await decide();
      await database.transaction(async (sql) => {
        const { template, withheld = null, byPlatform = false } = await inTransaction(sql);
        await promiseCode(sql, {
          channel: identifier.scheme === 'phone' ? 'sms' : 'mail',
          to: identifier.value,
          template,
          code,
          lifetimeS: expiresIn,
          merchantId: byPlatform ? null : merchantId,
          ...{ namespace, language, country, visitor, knownDevice: device !== null },
          withheld: served ? withheld : 'not_served',
        });
      });
    } catch (error) {
      await codes.takeBack(request).catch(() => undefined); // it ends by itself
      throw error;
    }
    return { challengeId, expiresIn, resendIn };
  };
}
