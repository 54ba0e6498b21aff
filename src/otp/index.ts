export { type Challenge, createChallengeIds, OTP_NAMESPACES, type OtpNamespace } from './challenge.js';
export { otpErrors } from './errors.js';
export { createIssueCode, type IssueCode, type IssuedCode } from './issue-code.js';
export { CODE_DIGITS, createCodeMac } from './otp-code.js';
export { DEFAULT_OTP_POLICY, type OtpPolicy, otpPolicySchema, type ReadOtpPolicy } from './otp-policy.js';
export { type Refusal, refusalProblem } from './refusal.js';
export { type CodeTrial, createVerifyCode, type Verdict, type VerifyCode } from './verify-code.js';
