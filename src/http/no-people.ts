import type { PersonGate } from './route.js';

/** Of an application that has no routes of people: such a route would answer 500 to everybody. */
export const NO_PEOPLE: PersonGate = {
  authenticate: () => Promise.reject(new Error('there are no routes of people here')),
  requireRecentSignIn: () => undefined,
};
