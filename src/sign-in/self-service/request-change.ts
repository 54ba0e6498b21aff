import type { Caller, Visitor } from '../../http/route.js';
import { refusalProblem } from '../../otp/index.js';
import type { FindAccount } from '../../people/index.js';
import type { Language } from '../choose-language.js';
import type { CodeTarget } from '../otp/code-target.js';
import type { CodePromise, SendCode } from '../otp/send-code.js';

export type RequestChange = (request: {
  caller: Caller;
  target: CodeTarget;
  language: Language;
  visitor: Visitor;
}) => Promise<CodePromise>;

/**
 * A code to the address or number that the person wants to have (S11). Only the session that asked can use it; one
 * that somebody else holds gets a message that it has an account, and the same answer.
 * @throws Problem those of issuing a code
 */
export function createRequestChange(options: {
  findAccount: FindAccount;
  sendCode: SendCode;
}): RequestChange {
  const { findAccount, sendCode } = options;
  return async ({ caller, ...request }) => {
    const { userId, sessionId } = caller;
    const { identifier } = request.target;
    const namespace = identifier.scheme === 'phone' ? 'phone-auth' : 'verify-email';
    const purpose = { for: 'change', userId, sessionId };
    const order = { ...request, namespace, merchantId: null, device: null, purpose } as const;
    const sent = await sendCode(order, async () => async (sql) => {
      const holder = await findAccount(sql, identifier);
      return { template: holder && holder.userId !== userId ? 'account-exists' : 'otp' };
    });
    if ('refused' in sent) throw refusalProblem(sent);
    return sent;
  };
}
