import { z } from 'zod';

/**
 * What a merchant may set (`Configuration` code `OTP_POLICY`), within bounds that keep a code a secret:
 * 50 guesses a day among a million codes (ASVS 5 6.6.3, NIST SP 800-63B §5.2.2). Times in seconds.
 */
export const otpPolicySchema = z.strictObject({
  lifetimeS: z.number().int().min(60).max(600).default(300).describe('How long a code lives'),
  cooldownS: z.number().int().min(30).max(600).default(60).describe('Until the next code may be asked for'),
  attempts: z.number().int().min(3).max(5).default(5).describe('Wrong codes until the lock'),
  lockS: z.number().int().min(600).max(900).default(900).describe('How long the lock holds'),
  codesPerDay: z.number().int().min(1).max(10).default(10).describe('Codes an identifier gets in 24 hours'),
  guessesPerDay: z
    .number()
    .int()
    .min(5)
    .max(50)
    .default(50)
    .describe('Codes tried in 24 hours, right or wrong'),
});

export type OtpPolicy = z.infer<typeof otpPolicySchema>;

/** The policy in force for a merchant, or the platform (null). */
export type ReadOtpPolicy = (merchantId: string | null) => Promise<OtpPolicy>;

export const DEFAULT_OTP_POLICY: OtpPolicy = otpPolicySchema.parse({});
