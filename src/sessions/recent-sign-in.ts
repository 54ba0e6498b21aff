import { Problem } from '../errors/problem.js';
import type { Caller } from '../http/route.js';
import { tokenErrors } from '../tokens/index.js';

/** Seconds. */
const RECENT = 300;

/**
 * What changes who somebody is needs a fresh sign-in.
 * @throws Problem `token.insufficient_user_authentication` (401) with the challenge of RFC 9470 §3
 */
export function requireRecentSignIn({ claims }: Caller, now: () => number): void {
  const authTime = claims.auth_time;
  if (typeof authTime === 'number' && now() / 1000 - authTime <= RECENT) return;
  throw new Problem(tokenErrors.insufficient_user_authentication, {
    headers: {
      'WWW-Authenticate': `Bearer realm="nx-identity", error="insufficient_user_authentication", max_age="${RECENT}"`,
    },
  });
}
