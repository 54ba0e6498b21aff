import type { PromiseMessage } from '../../messaging/index.js';
import type { PromiseCode } from './request-code.js';

/** A code as a message: it is never sent past its life, and lies in the row only until a provider has it (D7). */
export function createPromiseCode(promiseMessage: PromiseMessage): PromiseCode {
  return async (sql, { code, lifetimeS, namespace, template, ...message }) => {
    const contents =
      template === 'otp'
        ? { variables: { minutes: String(Math.ceil(lifetimeS / 60)) }, secret: { code } }
        : { variables: {} };
    const purpose = `otp.${namespace}`;
    await promiseMessage(sql, {
      ...message,
      ...contents,
      template,
      purpose,
      deadline: { seconds: lifetimeS },
    });
  };
}
