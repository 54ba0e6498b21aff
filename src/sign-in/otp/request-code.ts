import type { Visitor } from '../../http/route.js';
import { type OtpNamespace, refusalProblem } from '../../otp/index.js';
import type { FindAccount } from '../../people/index.js';
import { holdsElsewhere } from '../../policies/index.js';
import type { Language } from '../choose-language.js';
import type { Client } from '../registered-client.js';
import type { CodeTarget } from './code-target.js';
import type { CodePromise, SendCode } from './send-code.js';

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
  /** Who may get a code in a namespace. */
  recipients: Readonly<Record<OtpNamespace, FindAccount>>;
  sendCode: SendCode;
}): RequestCode {
  const { recipients, sendCode } = options;
  return async ({ client, forAnybody = false, purpose, ...request }) => {
    const { namespace, target } = request;
    const forAccount = { for: 'account', clientId: client.id };
    const order = { ...request, merchantId: client.merchantId, purpose: purpose ?? forAccount };
    const sent = await sendCode(order, async () => async (sql) => {
      const account = await recipients[namespace](sql, target.identifier);
      // Whoever runs a merchant's provider sees the code: it must open nothing beyond that merchant.
      const byPlatform =
        client.merchantId !== null && (await holdsElsewhere(sql, account?.userId ?? '', client.merchantId));
      return { template: 'otp', withheld: account || forAnybody ? null : 'no_account', byPlatform };
    });
    if ('refused' in sent) throw refusalProblem(sent);
    return sent;
  };
}
