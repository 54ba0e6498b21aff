import type { Messaging } from './compose-messaging.js';
import type { Infrastructure } from './infrastructure.js';
import {
  type BotCheck,
  createChallengeIds,
  createCodeMac,
  createCountConversion,
  createCountRequest,
  createIssueCode,
  createTollGuard,
  createVerifyCode,
  DEFAULT_OTP_POLICY,
  otpPolicySchema,
  passEverybody,
} from './otp/index.js';
import { codePurpose, createGuardedPromise, createPromiseCode, createSendCode } from './sign-in/index.js';
import type { KeyMaterial } from './tokens/index.js';

const DAY_S = 86_400;

export type Otp = ReturnType<typeof composeOtp>;

/**
 * Wires the engine of one-time codes and the guard before it; all replicas share its pepper, and Redis.
 * @param botCheck the place for a provider's check
 */
export function composeOtp(
  { config, database, redis, metrics, logger }: Infrastructure,
  keys: KeyMaterial,
  messaging: Pick<Messaging, 'readConfiguration' | 'countPromised' | 'promiseMessage'>,
  botCheck: BotCheck = passEverybody,
) {
  const { readConfiguration, countPromised, promiseMessage } = messaging;
  const shared = {
    redis,
    challengeIds: createChallengeIds(keys.otpPepper),
    codeMac: createCodeMac(keys.otpPepper),
    async readPolicy(merchantId: string | null) {
      const found = await readConfiguration('OTP_POLICY', merchantId, otpPolicySchema);
      return found?.data ?? DEFAULT_OTP_POLICY;
    },
  };
  const guard = createTollGuard({
    countRequest: createCountRequest({ redis, perAddressBlock: config.limits.otpPerAddressBlock }),
    countConversion: createCountConversion(redis),
    botCheck,
    readPolicy: shared.readPolicy,
    metrics,
    logger,
  });
  const codes = createIssueCode({
    ...shared,
    async countPromised({ namespace, identifier, device }) {
      const promised = await countPromised(identifier, codePurpose(namespace, device !== null), DAY_S);
      return { codes: promised.count, oldestMs: promised.oldestMs };
    },
  });
  return {
    codes,
    /** The one way a code gets into the outbox, whoever asked for it. */
    sendCode: createSendCode({
      codes,
      database,
      promiseCode: createGuardedPromise({ guard, promiseCode: createPromiseCode(promiseMessage) }),
    }),
    verifyCode: guard.watching(createVerifyCode(shared)),
    openChallenge: shared.challengeIds.open,
  };
}
