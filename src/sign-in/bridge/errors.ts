import { defineProblems } from '../../errors/problem.js';

export const bridgeErrors = defineProblems('bridge', {
  phone_taken: [409, 'Somebody else holds this number'],
});
