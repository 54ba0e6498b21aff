import type { RequestHandler } from 'express';
import { z } from 'zod';
import { Problem } from '../errors/problem.js';
import { BASE } from '../http/base-path.js';
import { type Caller, defineRoute, type Route } from '../http/route.js';
import { keycloakErrors } from '../keycloak-gateway/index.js';
import type { Person } from '../people/index.js';
import { type EndSessions, type IssueTokens, type LiveSession, sessionErrors } from '../sessions/index.js';
import { tokenErrors } from '../tokens/index.js';
import { signInErrors } from './errors.js';
import type { RefreshUseCase } from './refresh-tokens.js';
import type { RegisteredClient } from './registered-client.js';
import {
  describePerson,
  type RefreshCookie,
  sessionAnswer,
  sessionAnswerSchema,
  userSchema,
} from './session-answer.js';
import type { PasswordSignInUseCase } from './sign-in-with-password.js';

const AUTH = `${BASE}/auth`;
const nothing = z.strictObject({});
const signedIn = { 200: { description: 'Signed in', schema: sessionAnswerSchema } };

/** Control characters have no place in a name, and PostgreSQL can't even be asked for a NUL. */
const identifierValue = z
  .string()
  .min(1)
  .max(320)
  .refine((value) => !/\p{Cc}/u.test(value), { error: 'must be a printable text' })
  .meta({ pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]+$' });

const signInBody = z.strictObject({
  identifier: z.strictObject({
    scheme: z.enum(['email', 'phone', 'username']),
    value: identifierValue,
  }),
  credential: z.strictObject({
    scheme: z.literal('password'),
    value: z.string().min(1).max(256),
    totp: z
      .string()
      .regex(/^\d{6,8}$/)
      .optional(),
  }),
  clientId: z
    .string()
    .regex(/^[\w.-]{1,64}$/)
    .optional(),
});

const refreshBody = z.strictObject({ refreshToken: z.string().min(1).optional() });

const actorOf = ({ userId }: Caller) => ({ type: 'user', id: userId }) as const;

export type SignInBody = z.infer<typeof signInBody>;
export type RefreshBody = z.infer<typeof refreshBody>;

export interface SignInRoutes {
  signIn: PasswordSignInUseCase;
  refresh: RefreshUseCase;
  endSessions: EndSessions;
  findPerson(sessionId: string, userId: string): Promise<Person | undefined>;
  registeredClient: RegisteredClient;
  issueTokens: IssueTokens;
  cookie: RefreshCookie;
  limits: Record<
    'signInByAddress' | 'signInByIdentifier' | 'refreshByAddress' | 'refreshBySession',
    RequestHandler
  >;
}

/** The calls of contract §4 under `BASE/auth` that answer JSON. */
export function signInRoutes(options: SignInRoutes): Route[] {
  const { endSessions, issueTokens, cookie, limits } = options;
  const tag = 'sign-in';

  async function answer(session: LiveSession) {
    const tokens = await issueTokens(session);
    return { status: 200, body: sessionAnswer(session, tokens), cookies: [cookie.set(tokens)] };
  }

  return [
    defineRoute({
      method: 'post',
      path: `${AUTH}/sign-in`,
      summary: 'Sign in with a password',
      description:
        '403 `sign_in.continue_on_hosted_page` names in `nextAction.url` this service’s `/login` with `client_id`. ' +
        'The app appends redirect_uri (one that clientId has registered), state, code_challenge and ' +
        'code_challenge_method=S256 and sends the browser there; without clientId there is no redirect URI to name.',
      tag,
      access: 'public',
      limits: [limits.signInByAddress],
      inputLimits: [limits.signInByIdentifier],
      body: signInBody,
      responses: signedIn,
      problems: [...Object.values(signInErrors), keycloakErrors.unavailable],
      async handle({ body, visitor, context }) {
        context.note({ 'identifier.scheme': body.identifier.scheme });
        const clientId = await options.registeredClient(body.clientId);
        const { value: password, totp } = body.credential;
        const session = await options.signIn({
          identifier: body.identifier,
          password,
          totp,
          clientId,
          visitor,
        });
        context.note({ userId: session.person.id });
        return answer(session);
      },
    }),
    defineRoute({
      method: 'post',
      path: `${AUTH}/refresh`,
      summary: 'Exchange a refresh token for its successor and a new access token',
      tag,
      access: 'public',
      limits: [limits.refreshByAddress],
      inputLimits: [limits.refreshBySession],
      body: refreshBody,
      responses: signedIn,
      problems: [tokenErrors.invalid, ...Object.values(sessionErrors), keycloakErrors.unavailable],
      async handle({ body, cookies, headers, visitor }) {
        return answer(
          await options.refresh({
            body: body.refreshToken,
            cookie: cookies[cookie.name],
            origin: headers.origin,
            visitor,
          }),
        );
      },
    }),
    defineRoute({
      method: 'post',
      path: `${AUTH}/sign-out`,
      summary: 'End this session, in Keycloak too',
      tag,
      access: 'user',
      body: nothing,
      responses: { 204: { description: 'Ended' } },
      problems: Object.values(tokenErrors),
      async handle({ visitor }, caller) {
        await endSessions.end(caller.sessionId, 'signed_out', { actor: actorOf(caller), visitor });
        return { status: 204, cookies: [cookie.clear()] };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${AUTH}/sign-out-all`,
      summary: 'End every session of this person, in Keycloak too',
      tag,
      access: 'user',
      body: nothing,
      responses: { 204: { description: 'Ended' } },
      problems: Object.values(tokenErrors),
      async handle({ visitor }, caller) {
        const by = { actor: actorOf(caller), visitor };
        await endSessions.endAll(caller.userId, 'signed_out_everywhere', by);
        return { status: 204, cookies: [cookie.clear()] };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${AUTH}/who-am-i`,
      summary: 'The claims of the token, and the person behind it',
      tag,
      access: 'user',
      responses: {
        200: {
          description: 'Who',
          schema: z.object({ claims: z.record(z.string(), z.unknown()), user: userSchema }),
        },
      },
      problems: Object.values(tokenErrors),
      async handle(_input, caller) {
        const person = await options.findPerson(caller.sessionId, caller.userId);
        if (!person) throw new Problem(sessionErrors.ended);
        return { status: 200, body: { claims: caller.claims, user: describePerson(person) } };
      },
    }),
  ];
}
