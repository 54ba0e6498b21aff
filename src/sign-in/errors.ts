import { defineProblems } from '../errors/problem.js';

export const signInErrors = defineProblems('sign_in', {
  refused: [401, 'Sign-in refused'],
  continue_on_hosted_page: [403, 'Continue on the sign-in page'],
  unknown_client: [422, 'The client is not registered'],
});
