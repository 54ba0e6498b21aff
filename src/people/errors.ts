import { defineProblems } from '../errors/problem.js';

export const userErrors = defineProblems('user', {
  deleted: [409, 'The account is gone in Keycloak'],
});
