import type { Visitor } from '../../http/route.js';
import type { AuthenticateBearer, EndSessions } from '../../sessions/index.js';
import type { Presented, ReadPresented } from '../presented-refresh-token.js';

export type LogOut = (
  request: Presented & { authorization?: string | undefined; visitor: Visitor },
) => Promise<void>;

/**
 * Ends the session of whoever shows its refresh token in the body, its cookie, or its branch token; in that order. An
 * account token is good for selecting a branch and nothing else, so who holds no more than that shows the refresh token.
 * @throws Problem (401, 403) when none of them is shown, or the first that is shown is not ours
 */
export function createLogOut(options: {
  readPresented: ReadPresented;
  authenticate: AuthenticateBearer;
  endSessions: Pick<EndSessions, 'end'>;
}): LogOut {
  const { readPresented, authenticate, endSessions } = options;
  return async ({ authorization, visitor, ...presented }) => {
    const isPresented = presented.body !== undefined || presented.cookie !== undefined;
    const { userId, sessionId } =
      !isPresented && authorization !== undefined
        ? await authenticate(authorization)
        : await readPresented(presented);
    await endSessions.end({ sessionId, userId }, 'signed_out', {
      actor: { type: 'user', id: userId },
      visitor,
    });
  };
}
