import { z } from 'zod';

/** Read from the platform's row alone: no merchant loosens what protects the others. */
const platformLimits = {
  numberPrefixPerHour: z
    .number()
    .int()
    .min(5)
    .max(10_000)
    .default(30)
    .describe('Platform: requests an hour for numbers that differ in their last three digits only'),
  countryPerHour: z
    .number()
    .int()
    .min(10)
    .max(1_000_000)
    .default(5000)
    .describe('Platform: codes sent an hour to numbers of one country'),
  conversionLeastSent: z
    .number()
    .int()
    .min(5)
    .max(1000)
    .default(10)
    .describe('Platform: codes sent to a number prefix in an hour before its conversion is judged'),
  conversionLeastPercent: z
    .number()
    .int()
    .min(0)
    .max(50)
    .default(10)
    .describe('Platform: below this share of verified codes nothing more is sent there; 0: never'),
};

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
  spendCeilingVnd: z
    .number()
    .int()
    .min(0)
    .max(1_000_000_000)
    .default(5_000_000)
    .describe("What a day's messages may cost, in VND; then no more codes are sent by SMS"),
  ...platformLimits,
});

export type OtpPolicy = z.infer<typeof otpPolicySchema>;

/** The policy in force for a merchant, or the platform (null). */
export type ReadOtpPolicy = (merchantId: string | null) => Promise<OtpPolicy>;

export const DEFAULT_OTP_POLICY: OtpPolicy = otpPolicySchema.parse({});
