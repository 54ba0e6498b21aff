import { z } from 'zod';
import { createSealedJson, type SealedJson } from '../database/sealed-json.js';

export const OTP_NAMESPACES = ['verify-email', 'phone-auth', 'forgot-password'] as const;
export type OtpNamespace = (typeof OTP_NAMESPACES)[number];

/** What a challenge id says, to us alone. */
export interface Challenge {
  namespace: OtpNamespace;
  /** E-mail in lower case, phone in E.164. */
  identifier: string;
  /** Whose policy it runs under; null: the platform's. */
  merchantId: string | null;
  /** Whose count it runs on: a device that has signed in before, or everybody else's. */
  device: string | null;
  /** Tells this challenge from the one before it. */
  nonce: string;
  /** What the code is good for, as its asker said; a code is never good for anything else. */
  purpose: Record<string, string>;
}

const challengeSchema = z.strictObject({
  namespace: z.enum(OTP_NAMESPACES),
  identifier: z.string(),
  merchantId: z.string().nullable(),
  device: z.string().nullable(),
  nonce: z.string(),
  purpose: z.record(z.string(), z.string()),
});

export type ChallengeIds = SealedJson<Challenge>;

/** Challenge ids carry what they are about, encrypted: nothing to look up, and nobody can make one up. */
export const createChallengeIds = (pepper: Buffer): ChallengeIds =>
  createSealedJson({ secret: pepper, use: 'otp challenge', schema: challengeSchema });
