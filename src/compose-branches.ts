import type { Sessions } from './compose-sessions.js';
import type { Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import { type AuthenticateBearer, createFindCaller } from './sessions/index.js';
import {
  branchRoutes,
  createAnswerInDialect,
  createDescribeContext,
  createLogOut,
  createRefreshCookie,
  DIALECT,
} from './sign-in/index.js';

type Parts = Parameters<typeof branchRoutes>[0];

/** Wires C's dialect: its routes over the use cases of every sign-in. */
export function composeBranches(
  { config, database }: Infrastructure,
  { selectBranch, endSessions, issueTokens }: Sessions,
  authenticate: AuthenticateBearer,
  parts: Pick<Parts, 'signIn' | 'registeredClient' | 'refresh' | 'limits'> &
    Pick<Parameters<typeof createLogOut>[0], 'readPresented'>,
): Route[] {
  const cookie = createRefreshCookie({ secure: config.tokens.issuer.startsWith('https:'), path: DIALECT });
  return branchRoutes({
    ...parts,
    selectBranch,
    issueTokens,
    describeContext: createDescribeContext({ database, findPerson: createFindCaller(database) }),
    logOut: createLogOut({ ...parts, authenticate, endSessions }),
    answer: createAnswerInDialect({ issueTokens, cookie }),
    cookie,
  });
}
