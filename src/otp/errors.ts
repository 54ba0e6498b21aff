import { defineProblems } from '../errors/problem.js';

export const otpErrors = defineProblems('otp', {
  invalid: [401, 'The code is not valid'],
  cooldown: [429, 'A code was sent a moment ago'],
  locked: [429, 'Too many wrong codes'],
  quota_exceeded: [429, 'Too many codes today'],
  unavailable: [503, 'One-time codes are unavailable'],
});
