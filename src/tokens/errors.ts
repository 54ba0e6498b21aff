import { defineProblems } from '../errors/problem.js';

export const tokenErrors = defineProblems('token', {
  missing: [401, 'An access token is needed'],
  invalid: [401, 'The token is not valid'],
  wrong_kind: [403, 'This needs a token of another kind'],
  insufficient_user_authentication: [401, 'A fresh sign-in is needed'],
});
