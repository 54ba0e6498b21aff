import { defineProblems } from '../errors/problem.js';

export const serviceErrors = defineProblems('service', {
  refused: [401, 'A service credential is needed, from an allowed address'],
  call_not_granted: [403, 'This service is not granted this call'],
});

/** Why a service is not made or changed as an administrator says. */
export const registrationErrors = defineProblems('service', {
  exists: [409, 'There is a service of this name already'],
  grant_exists: [409, 'The service is granted this call already'],
  slots_taken: [409, 'The service has two credentials: revoke one first'],
  unknown_audience: [422, 'There is no such service to be the audience'],
});

/** RFC 7617 §2, §2.1. */
export const BASIC_CHALLENGE = { 'WWW-Authenticate': 'Basic realm="nx-identity", charset="UTF-8"' };
