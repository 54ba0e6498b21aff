import type { Access } from './route.js';

/** How far a person's access token reaches (contract §1): everywhere, nowhere yet, one branch. */
export type TokenKind = 'platform' | 'account' | 'branch';

/** What is a person's own, whichever of their places they are in. */
export const OWN: readonly TokenKind[] = ['platform', 'branch'];

/** Which tokens open a route (docs/decisions/0020): an account token only what asks for one by name. */
export function tokensFor(access: Access): readonly TokenKind[] {
  if (access === 'user') return OWN;
  if (typeof access === 'object' && 'anyOf' in access) return tokensFor(access.anyOf[0]);
  if (access === 'public' || 'service' in access) return [];
  return 'token' in access ? [access.token] : ['platform'];
}
