import { Problem } from '../errors/problem.js';
import type { Visitor } from '../http/route.js';
import { type LiveSession, type RefreshSession, sessionErrors } from '../sessions/index.js';
import type { Presented, ReadPresented } from './presented-refresh-token.js';

export type RefreshUseCase = (
  request: Presented & {
    /** Back to the account, out of whatever branch the session stands in; otherwise it keeps its kind and branch. */
    scope?: 'account' | undefined;
    visitor: Visitor;
  },
) => Promise<LiveSession>;

/**
 * Takes a refresh token and moves its session on (S10).
 * @throws Problem `session.ended` (401) for whatever is no live session's newest token, or its retry in the grace
 */
export function createRefresh(options: {
  readPresented: ReadPresented;
  refreshSession: RefreshSession;
}): RefreshUseCase {
  const { readPresented, refreshSession } = options;
  return async ({ scope, visitor, ...presented }) => {
    const { sessionId, generation } = await readPresented(presented);
    const toAccount = scope === 'account';
    const session = await refreshSession({ sessionId, generation, toAccount, visitor });
    if (!session) throw new Problem(sessionErrors.ended);
    return session;
  };
}
