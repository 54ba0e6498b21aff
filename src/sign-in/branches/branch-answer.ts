import { z } from 'zod';
import type { Reply } from '../../http/route.js';
import type { IssueTokens, LiveSession } from '../../sessions/index.js';
import type { RefreshCookie } from '../session-answer.js';
import { accountAnswer, accountAnswerSchema } from './account-answer.js';

/** The session stands where it was asked to: what to show is at `/api/auth/context`. */
export const selectionAnswerSchema = z.object({
  accessToken: z.string(),
  expiresIn: z.int().describe('Seconds that the access token lives'),
  nextAction: z.object({ type: z.enum(['load_current_context', 'none']) }),
});

const branchAnswerSchema = selectionAnswerSchema.extend({ refreshToken: z.string() });

/** In a branch, or with branches to select from. */
export const dialectAnswerSchema = z.union([branchAnswerSchema, accountAnswerSchema]);

/** Answers a login or refresh of C's dialect: the body, and the refresh token as a cookie of that dialect (S7). */
export type AnswerInDialect = (session: LiveSession) => Promise<Reply>;

export function createAnswerInDialect(options: {
  issueTokens: IssueTokens;
  cookie: RefreshCookie;
}): AnswerInDialect {
  const { issueTokens, cookie } = options;
  return async (session) => {
    const tokens = await issueTokens(session);
    const { reach } = session;
    const body =
      reach.kind === 'account'
        ? accountAnswer(reach, tokens)
        : { ...tokens, nextAction: { type: nextActionOf(session) } };
    return { status: 200, body, cookies: [cookie.set(tokens)] };
  };
}

/** A platform session has no branch whose context could be loaded. */
export const nextActionOf = ({ reach }: LiveSession) =>
  reach.kind === 'branch' ? 'load_current_context' : 'none';
