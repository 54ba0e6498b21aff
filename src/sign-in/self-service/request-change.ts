import type { Database } from '../../database/database.js';
import type { Caller, Visitor } from '../../http/route.js';
import { type IssueCode, refusalProblem } from '../../otp/index.js';
import type { FindAccount } from '../../people/index.js';
import type { Language } from '../choose-language.js';
import type { CodeTarget } from '../otp/code-target.js';
import type { CodePromise, PromiseCode } from '../otp/request-code.js';
import { requireRecentSignIn } from './recent-sign-in.js';

export type RequestChange = (request: {
  caller: Caller;
  target: CodeTarget;
  language: Language;
  visitor: Visitor;
}) => Promise<CodePromise>;

/**
 * A code to the address or number that the person wants to have (S11). Only the session that asked can use it; one
 * that somebody else holds gets a message that it has an account, and the same answer.
 * @throws Problem `token.insufficient_user_authentication` (401, RFC 9470), and those of issuing a code
 */
export function createRequestChange(options: {
  codes: IssueCode;
  database: Database;
  findAccount: FindAccount;
  promiseCode: PromiseCode;
  now: () => number;
}): RequestChange {
  const { codes, database, findAccount, promiseCode, now } = options;
  return async ({ caller, target, language, visitor }) => {
    requireRecentSignIn(caller, now);
    const { identifier, served, country } = target;
    const namespace = identifier.scheme === 'phone' ? 'phone-auth' : 'verify-email';
    const purpose = { for: 'change', userId: caller.userId, sessionId: caller.sessionId };
    const request = {
      namespace,
      identifier: identifier.value,
      merchantId: null,
      device: null,
      purpose,
    } as const;
    const issued = await codes.issue(request);
    if ('refused' in issued) throw refusalProblem(issued);
    const { challengeId, code, expiresIn, resendIn } = issued;
    try {
      await database.transaction(async (sql) => {
        const holder = await findAccount(sql, identifier);
        await promiseCode(sql, {
          channel: identifier.scheme === 'phone' ? 'sms' : 'mail',
          to: identifier.value,
          template: holder && holder.userId !== caller.userId ? 'account-exists' : 'otp',
          code,
          lifetimeS: expiresIn,
          language,
          namespace,
          merchantId: null,
          ...{ country, visitor },
          withheld: served ? null : 'not_served',
        });
      });
    } catch (error) {
      await codes.takeBack(request).catch(() => undefined);
      throw error;
    }
    return { challengeId, expiresIn, resendIn };
  };
}
