import type { TollGuard } from '../../otp/index.js';
import type { PromiseCode } from './promise-code.js';

/**
 * Asks the guard before a message is promised (O7). What it refuses is written down as withheld: whoever asked gets the
 * answer that everybody gets.
 */
export function createGuardedPromise(options: {
  guard: Pick<TollGuard, 'admit' | 'settled'>;
  promiseCode: PromiseCode;
}): PromiseCode {
  const { guard, promiseCode } = options;
  return async (sql, message) => {
    const { channel, to, country, merchantId, visitor, knownDevice = false, withheld } = message;
    const asked = {
      scheme: channel === 'sms' ? ('phone' as const) : ('email' as const),
      value: to,
      ...{ country, merchantId, visitor, trusted: knownDevice, sendable: withheld === null },
    };
    const { refused, spendCeilingVnd } = await guard.admit(asked);
    const reason = withheld === 'not_served' ? withheld : (refused ?? withheld);
    const outcome = await promiseCode(sql, { ...message, spendCeilingVnd, withheld: reason });
    sql.afterCommit(() => guard.settled(asked, outcome));
    return outcome;
  };
}
