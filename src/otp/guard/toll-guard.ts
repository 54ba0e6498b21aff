import type { Logger } from '../../telemetry/logger.js';
import type { Metrics } from '../../telemetry/metrics.js';
import type { Challenge } from '../challenge.js';
import type { ReadOtpPolicy } from '../otp-policy.js';
import type { VerifyCode } from '../verify-code.js';
import type { CountRequest, GuardedRequest, LimitRefusal } from './admit-request.js';
import type { BotCheck } from './bot-check.js';
import type { CountConversion } from './watch-conversion.js';

export type GuardRefusal = LimitRefusal | 'bot';

export interface Admission {
  /** Why nothing may be sent; the asker is answered as ever. */
  refused: GuardRefusal | null;
  /** What the merchant's messages of a day may cost, in VND. */
  spendCeilingVnd: number;
}

export interface TollGuard {
  /** Counts a request and judges it (O7). @throws Problem `otp.unavailable` (503) while Redis is away */
  admit(request: GuardedRequest): Promise<Admission>;
  /** What became of it, once that is committed. Nobody waits for this count. @param withheld null: it will be sent */
  settled(request: GuardedRequest, withheld: string | null): void;
  /** The same engine, with the codes that come back counted. */
  watching(verifyCode: VerifyCode): VerifyCode;
}

/** Stops codes from being sent at somebody's cost. The limits are the platform's, the ceiling the merchant's own. */
export function createTollGuard(options: {
  countRequest: CountRequest;
  countConversion: CountConversion;
  botCheck: BotCheck;
  readPolicy: ReadOtpPolicy;
  metrics: Pick<Metrics, 'counter'>;
  logger: Logger;
}): TollGuard {
  const { countRequest, countConversion, botCheck, readPolicy, metrics, logger } = options;
  const { outcomes, conversion } = guardCounters(metrics);

  const judge: BotCheck = (visitor) =>
    botCheck(visitor).catch((error: unknown) => {
      logger.warn({ err: error }, 'the bot check failed: the request passes');
      return 'pass' as const;
    });
  function count(what: 'sent' | 'verified', merchantId: string | null, e164: string): void {
    conversion(what);
    countConversion(what, { merchantId, e164 }).catch((error: unknown) =>
      logger.debug({ err: error }, 'a conversion was not counted'),
    );
  }

  return {
    async admit(request) {
      const { scheme, merchantId, visitor } = request;
      const [platform, merchant] = await Promise.all([readPolicy(null), readPolicy(merchantId)]);
      const verdict = await judge({ ...visitor, scheme, merchantId });
      const { refused, collapsed } = await countRequest(request, platform);
      if (collapsed) conversion('collapsed');
      return {
        refused: verdict === 'refuse' ? 'bot' : refused,
        spendCeilingVnd: merchant.spendCeilingVnd,
      };
    },
    settled({ scheme, merchantId, value }, withheld) {
      outcomes(withheld ?? 'sent');
      if (withheld === null && scheme === 'phone') count('sent', merchantId, value);
    },
    watching: (verifyCode) => async (trial) => {
      const verdict = await verifyCode(trial);
      if ('challenge' in verdict && isPhone(verdict.challenge))
        count('verified', verdict.challenge.merchantId, verdict.challenge.identifier);
      return verdict;
    },
  };
}

const isPhone = ({ identifier }: Challenge) => identifier.startsWith('+') && !identifier.includes('@');

function guardCounters(metrics: Pick<Metrics, 'counter'>) {
  return {
    outcomes: metrics.counter({
      name: 'nx_otp_requests_total',
      help: 'Requests for a code by outcome: sent, or why it was withheld',
      label: 'outcome',
    }),
    conversion: metrics.counter({
      name: 'nx_otp_conversion_total',
      help: 'Codes by SMS that were sent, that came back verified, and requests for a number prefix whose conversion has collapsed',
      label: 'event',
    }),
  };
}
