import { defineProblems } from '../../errors/problem.js';

export const clientErrors = defineProblems('client', {
  exists: [409, 'There is an app of this id already'],
  kept: [409, 'This stands for callers that name no app: it stays as it is'],
});
