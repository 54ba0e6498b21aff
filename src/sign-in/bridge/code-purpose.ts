import type { Challenge, OtpNamespace } from '../../otp/index.js';

/** What Keycloak's pages ask for codes for. */
export const CODE_PURPOSES = ['sign-in', 'verify-phone', 'forgot-password'] as const;
export type CodePurpose = (typeof CODE_PURPOSES)[number];

/** Codes of a page count together with those that the API sends for the same: a lock holds on both doors. */
export const namespaceOf = (purpose: CodePurpose): OtpNamespace =>
  purpose === 'forgot-password' ? 'forgot-password' : 'phone-auth';

/** As challenges name it: none of the API's, so that a code of a page is good on such a page only, and the reverse. */
export const useOf = (purpose: CodePurpose): string => `hosted-${purpose}`;

/** Whether a challenge was made for this purpose of a page. */
export const isFor =
  (purpose: CodePurpose) =>
  (challenge: Challenge): boolean =>
    challenge.purpose.for === useOf(purpose);
