import { defineProblems } from '../errors/problem.js';

export const sessionErrors = defineProblems('session', {
  ended: [401, 'The session has ended; sign in again'],
  foreign_origin: [403, 'This origin may not use the session cookie'],
});
