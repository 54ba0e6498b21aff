import { Problem } from '../../errors/problem.js';
import {
  type Challenge,
  type CodeTrial,
  otpErrors,
  refusalProblem,
  type VerifyCode,
} from '../../otp/index.js';

/** @throws Problem `otp.invalid` (401), `otp.locked`, `otp.quota_exceeded` (429), `otp.unavailable` (503) */
export type TakeCode = (trial: CodeTrial) => Promise<Challenge>;

/** The challenge of a right code, which is used up by this; everything else is a refusal. */
export function createTakeCode(verifyCode: VerifyCode): TakeCode {
  return async (trial) => {
    const verdict = await verifyCode(trial);
    if ('refused' in verdict) throw refusalProblem(verdict);
    if (verdict.verdict === 'wrong') throw new Problem(otpErrors.invalid);
    return verdict.challenge;
  };
}
