import { defineProblems } from '../errors/problem.js';

export const serviceErrors = defineProblems('service', {
  refused: [401, 'A service credential is needed, from an allowed address'],
  call_not_granted: [403, 'This service is not granted this call'],
});

/** RFC 7617 §2, §2.1. */
export const BASIC_CHALLENGE = { 'WWW-Authenticate': 'Basic realm="nx-identity", charset="UTF-8"' };
