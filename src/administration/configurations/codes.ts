import type { z } from 'zod';
import { messageConfigurations } from '../../messaging/index.js';
import { otpPolicySchema } from '../../otp/index.js';

/** What rows of a code may hold, and what is done with them. */
export interface ConfigurationCode {
  data: z.ZodType;
  /** Stricter, for a merchant's own. */
  merchantData?: z.ZodType;
  credential?: z.ZodType;
  /** Whose row may be without one. */
  withoutCredential?: 'platform';
  /** The fields of `data` that say to whom the credential is shown. */
  goesTo?: readonly string[];
  channel?: 'sms' | 'mail';
}

export const CODES = ['OTP_POLICY', 'SMS_VNPAY', 'SMS_ESMS', 'MAIL_SMTP'] as const;
export type CodeName = (typeof CODES)[number];

const codes: Record<CodeName, ConfigurationCode> = {
  OTP_POLICY: { data: otpPolicySchema },
  ...messageConfigurations,
};

/** Undefined for a code that only SQL has written. */
export const findCode = (code: string): ConfigurationCode | undefined => codes[code as CodeName];
