import { defineProblems } from '../../errors/problem.js';

export const selfServiceErrors = defineProblems('self_service', {
  ticket_invalid: [401, 'The reset ticket is not valid'],
  password_wrong: [401, 'The current password is not right'],
});
