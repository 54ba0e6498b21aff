import type { Messaging } from './compose-messaging.js';
import type { Infrastructure } from './infrastructure.js';
import {
  createChallengeIds,
  createCodeMac,
  createIssueCode,
  createVerifyCode,
  DEFAULT_OTP_POLICY,
  otpPolicySchema,
} from './otp/index.js';
import type { KeyMaterial } from './tokens/index.js';

export type Otp = ReturnType<typeof composeOtp>;

/** Wires the engine of one-time codes; all replicas share its pepper, and Redis. */
export function composeOtp(
  { redis }: Infrastructure,
  keys: KeyMaterial,
  { readConfiguration }: Pick<Messaging, 'readConfiguration'>,
) {
  const shared = {
    redis,
    challengeIds: createChallengeIds(keys.otpPepper),
    codeMac: createCodeMac(keys.otpPepper),
    async readPolicy(merchantId: string | null) {
      const found = await readConfiguration('OTP_POLICY', merchantId, otpPolicySchema);
      return found?.data ?? DEFAULT_OTP_POLICY;
    },
  };
  return {
    codes: createIssueCode(shared),
    verifyCode: createVerifyCode(shared),
    openChallenge: shared.challengeIds.open,
  };
}
