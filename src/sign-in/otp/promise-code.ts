import type { PromiseMessage } from '../../messaging/index.js';
import type { OtpNamespace } from '../../otp/index.js';
import type { PromiseCode } from './request-code.js';

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
