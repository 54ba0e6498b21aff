import { defineProblems } from '../errors/problem.js';

export const customerErrors = defineProblems('customer', {
  not_found: [404, 'There is no such customer or merchant'],
  not_permitted: [403, 'You may not do this with customers of this merchant'],
  phone_taken: [409, 'Another customer of this merchant has this phone number'],
  code_taken: [409, 'Another customer of this merchant has this code'],
  changed_meanwhile: [412, 'The customer is no longer at that version'],
  unreadable_csv: [422, 'The file can’t be read as CSV'],
  other_file: [422, 'This is not the file that this import began with'],
  key_reused: [422, 'This Idempotency-Key came with another request'],
});
