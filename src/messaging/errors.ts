import { defineProblems } from '../errors/problem.js';

export const messageErrors = defineProblems('message', {
  not_found: [404, 'There is no such message'],
  too_late: [409, 'The deadline of this message has passed'],
  not_dead: [409, 'Only a message that could not be sent can be replayed'],
});
