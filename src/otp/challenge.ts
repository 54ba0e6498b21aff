import { hkdfSync } from 'node:crypto';
import { z } from 'zod';
import { createSealedText } from '../database/sealed-text.js';

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

export interface ChallengeIds {
  seal(challenge: Challenge): string;
  /** Undefined for anything that this service did not make. */
  open(challengeId: string): Challenge | undefined;
}

const CONTEXT = 'otp challenge';

/** Challenge ids carry what they are about, encrypted: nothing to look up, and nobody can make one up. */
export function createChallengeIds(pepper: Buffer): ChallengeIds {
  const sealed = createSealedText(
    Buffer.from(hkdfSync('sha256', pepper, '', 'nx-identity otp challenge', 32)),
  );
  return {
    seal: (challenge) => sealed.seal(JSON.stringify(challenge), CONTEXT),
    open(challengeId) {
      try {
        return challengeSchema.parse(JSON.parse(sealed.open(challengeId, CONTEXT)));
      } catch {
        return undefined;
      }
    },
  };
}
