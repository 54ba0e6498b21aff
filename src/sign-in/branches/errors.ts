import { defineProblems } from '../../errors/problem.js';

export const branchErrors = defineProblems('branch', {
  not_selectable: [403, 'This branch cannot be selected'],
});
