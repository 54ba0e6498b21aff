/** Headers that some calls read, and what they are for; what one may hold is judged where it is used. */
export const REQUEST_HEADERS = {
  'Idempotency-Key': 'Of your choice: the same request sent again under the same key is done once',
  'If-Match': 'The `ETag` that you have: nothing is done unless it is still that (RFC 9110 §13.1.1)',
  'X-Loaded-Kids': 'Which signing keys you hold, with a comma between them: rotations look at it',
} as const;

export type RequestHeader = keyof typeof REQUEST_HEADERS;
