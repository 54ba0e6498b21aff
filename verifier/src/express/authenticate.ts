import { tokenFromHeader } from '../bearer/token-from-header.js';
import type { Verifier } from '../verify/create-verifier.js';
import { guard, type Middleware } from './middleware.js';

/** Takes the bearer token and puts its claims into `request.identity`; without a good one there is a 401. */
export function authenticate(verifier: Pick<Verifier, 'verify'>): Middleware {
  return guard(async (request) => {
    request.identity = await verifier.verify(tokenFromHeader(request.headers.authorization));
  });
}
