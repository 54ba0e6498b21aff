import { z } from 'zod';
import type { Cookie, Reply } from '../http/route.js';
import { maskPhone, type Person } from '../people/index.js';
import type { IssuedTokens, IssueTokens, LiveSession } from '../sessions/index.js';
import { accountAnswer } from './branches/account-answer.js';

export const userSchema = z
  .object({
    id: z.string(),
    displayName: z.string(),
    email: z.string().optional(),
    phone: z.string().optional().describe('Masked'),
    emailVerified: z.boolean(),
    phoneVerified: z.boolean(),
  })
  .describe('The signed-in person');

/** The answer of every sign-in (contract §4). Lifetimes in seconds. */
export const sessionAnswerSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  tokenType: z.literal('Bearer'),
  expiresIn: z.int(),
  refreshExpiresIn: z.int(),
  sessionId: z.string(),
  user: userSchema,
  nextAction: z.object({ type: z.string() }),
});

/** Answers a sign-in or refresh, also of a session that went back to the account: the body, and the refresh token as a cookie too. */
export type AnswerSession = (session: LiveSession) => Promise<Reply>;

export function createAnswerSession(options: {
  issueTokens: IssueTokens;
  cookie: RefreshCookie;
}): AnswerSession {
  const { issueTokens, cookie } = options;
  return async (session) => {
    const tokens = await issueTokens(session);
    const { reach } = session;
    const body = reach.kind === 'account' ? accountAnswer(reach, tokens) : sessionAnswer(session, tokens);
    return { status: 200, body, cookies: [cookie.set(tokens)] };
  };
}

export function sessionAnswer(
  session: LiveSession,
  tokens: IssuedTokens,
): z.infer<typeof sessionAnswerSchema> {
  return {
    ...tokens,
    tokenType: 'Bearer',
    sessionId: session.id,
    user: describePerson(session.person),
    nextAction: { type: session.reach.kind === 'branch' ? 'load_current_context' : 'none' },
  };
}

export function describePerson(person: Person): z.infer<typeof userSchema> {
  return {
    id: person.id,
    displayName: person.displayName,
    ...(person.email === null ? {} : { email: person.email }),
    ...(person.phone === null ? {} : { phone: maskPhone(person.phone) }),
    emailVerified: person.emailVerified,
    phoneVerified: person.phoneVerified,
  };
}

/** The refresh token for browsers (S7): HttpOnly, SameSite=Strict, sent to this dialect's paths alone. */
export function createRefreshCookie(options: { secure: boolean; path: string }) {
  const name = options.secure ? '__Secure-nx_refresh' : 'nx_refresh';
  return {
    name,
    set: (tokens: IssuedTokens): Cookie => ({
      name,
      value: tokens.refreshToken,
      path: options.path,
      maxAge: tokens.refreshExpiresIn,
    }),
    clear: (): Cookie => ({ name, value: null, path: options.path, maxAge: 0 }),
  };
}

export type RefreshCookie = ReturnType<typeof createRefreshCookie>;
