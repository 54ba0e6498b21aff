import { defineProblems, Problem } from '../errors/problem.js';

export const keycloakErrors = defineProblems('keycloak', {
  unavailable: [503, 'Sign-in is unavailable for the moment'],
  user_refused: [422, 'Keycloak does not take this user'],
  password_refused: [422, 'The password does not fit the rules for passwords'],
});

/** Keycloak did not answer, or answered what it never should. The cause goes to the log, never to the caller. */
export function keycloakUnavailable(cause: unknown): Problem {
  return new Problem(keycloakErrors.unavailable, { headers: { 'Retry-After': '2' }, cause });
}
