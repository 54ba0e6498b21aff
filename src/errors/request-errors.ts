import { defineProblems } from './problem.js';

/** Refusals that any route can answer. */
export const requestErrors = defineProblems('request', {
  malformed: [400, 'The request is malformed'],
  role_missing: [403, 'This needs a role that you do not have'],
  not_found: [404, 'There is nothing here'],
  method_not_allowed: [405, 'The method is not allowed here'],
  too_large: [413, 'The request is too large'],
  uri_too_long: [414, 'The address is too long'],
  unsupported_media_type: [415, 'The content type is not supported'],
  validation_failed: [422, 'The request does not fit its schema'],
  too_many: [429, 'Too many requests'],
  headers_too_large: [431, 'The headers are too large'],
  internal: [500, 'Something went wrong on our side'],
  unavailable: [503, 'A part this answer needs is unavailable'],
});
