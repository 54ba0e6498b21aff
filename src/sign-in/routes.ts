import type { RequestHandler } from 'express';
import { z } from 'zod';
import { Problem } from '../errors/problem.js';
import { BASE } from '../http/base-path.js';
import { type Caller, defineRoute, type Route, type Visitor } from '../http/route.js';
import { keycloakErrors } from '../keycloak-gateway/index.js';
import { type Challenge, otpErrors } from '../otp/index.js';
import { normalizeIdentifier, type Person } from '../people/index.js';
import { type EndSessions, sessionErrors } from '../sessions/index.js';
import { tokenErrors } from '../tokens/index.js';
import { accountAnswerSchema } from './branches/account-answer.js';
import { signInErrors } from './errors.js';
import { clientIdSchema, identifierValue } from './identifier-schema.js';
import type { AnswerSignIn } from './known-device.js';
import { challengeIdSchema, codeSchema } from './otp/otp-routes.js';
import type { SignInByChallenge } from './otp/sign-in-by-challenge.js';
import type { TakeCode } from './otp/take-code.js';
import type { RefreshUseCase } from './refresh-tokens.js';
import type { RegisteredClient } from './registered-client.js';
import {
  type AnswerSession,
  describePerson,
  type RefreshCookie,
  sessionAnswerSchema,
  userSchema,
} from './session-answer.js';
import type { FirstPartySignIn } from './sign-in-first-party.js';

const AUTH = `${BASE}/auth`;
const nothing = z.strictObject({});
const signedIn = { 200: { description: 'Signed in', schema: sessionAnswerSchema } };

const signInBody = z.strictObject({
  identifier: z.strictObject({
    scheme: z.enum(['email', 'phone', 'username']),
    value: identifierValue,
  }),
  credential: z.discriminatedUnion('scheme', [
    z.strictObject({
      scheme: z.literal('password'),
      value: z.string().min(1).max(256),
      totp: z
        .string()
        .regex(/^\d{6,8}$/)
        .optional(),
    }),
    z.strictObject({ scheme: z.literal('otp'), challengeId: challengeIdSchema, value: codeSchema }),
  ]),
  clientId: clientIdSchema.optional(),
});

const refreshBody = z.strictObject({
  refreshToken: z.string().min(1).optional(),
  scope: z.literal('account').optional(),
});
const refreshed = { description: 'Refreshed', schema: z.union([sessionAnswerSchema, accountAnswerSchema]) };

const actorOf = ({ userId }: Caller) => ({ type: 'user', id: userId }) as const;

export type SignInBody = z.infer<typeof signInBody>;
export type RefreshBody = z.infer<typeof refreshBody>;

export interface SignInRoutes {
  signIn: FirstPartySignIn;
  takeCode: TakeCode;
  signInByChallenge: SignInByChallenge;
  refresh: RefreshUseCase;
  endSessions: EndSessions;
  findPerson(sessionId: string, userId: string): Promise<Person | undefined>;
  registeredClient: RegisteredClient;
  answer: AnswerSession;
  answerSignIn: AnswerSignIn;
  cookie: RefreshCookie;
  limits: Record<
    'signInByAddress' | 'signInByIdentifier' | 'refreshByAddress' | 'refreshBySession',
    RequestHandler
  >;
}

/** The calls of contract §4 under `BASE/auth` that answer JSON. */
export function signInRoutes(options: SignInRoutes): Route[] {
  const { endSessions, answer, cookie, limits } = options;
  const tag = 'sign-in';

  /** The client of a sign-in by code is the one that asked for the code; somebody else's code is refused untouched. */
  async function signIn({ identifier, credential }: SignInBody, clientId: string, visitor: Visitor) {
    if (credential.scheme === 'otp') {
      const { challengeId, value: code } = credential;
      const claimed = normalizeIdentifier(identifier).value;
      const accepts = ({ purpose, identifier: proven }: Challenge) =>
        purpose.for === 'account' && proven === claimed;
      const trial = { namespace: 'phone-auth', challengeId, code, accepts } as const;
      return options.signInByChallenge(await options.takeCode(trial), visitor);
    }
    const { value: password, totp } = credential;
    return options.signIn({ identifier, credential: { password, totp }, clientId, visitor });
  }

  return [
    defineRoute({
      method: 'post',
      path: `${AUTH}/sign-in`,
      summary: 'Sign in with a password or a one-time code',
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
      problems: [...Object.values(signInErrors), ...Object.values(otpErrors), keycloakErrors.unavailable],
      async handle({ body, cookies, visitor, context }) {
        context.note({ 'identifier.scheme': body.identifier.scheme });
        const { id: clientId } = await options.registeredClient(body.clientId);
        const session = await signIn(body, clientId, visitor);
        context.note({ userId: session.person.id });
        return options.answerSignIn(session, cookies, visitor);
      },
    }),
    defineRoute({
      method: 'post',
      path: `${AUTH}/refresh`,
      summary: 'Exchange a refresh token for its successor and a new access token',
      description:
        'With `scope: account` the session leaves the platform, or its branch, for an account token.',
      tag,
      access: 'public',
      limits: [limits.refreshByAddress],
      inputLimits: [limits.refreshBySession],
      body: refreshBody,
      responses: { 200: refreshed },
      problems: [tokenErrors.invalid, ...Object.values(sessionErrors), keycloakErrors.unavailable],
      async handle({ body, cookies, headers, visitor }) {
        return answer(
          await options.refresh({
            body: body.refreshToken,
            cookie: cookies[cookie.name],
            origin: headers.origin,
            scope: body.scope,
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
      async handle({ visitor }, caller) {
        await endSessions.end(caller, 'signed_out', { actor: actorOf(caller), visitor });
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
      async handle(_input, caller) {
        const person = await options.findPerson(caller.sessionId, caller.userId);
        if (!person) throw new Problem(sessionErrors.ended);
        return { status: 200, body: { claims: caller.claims, user: describePerson(person) } };
      },
    }),
  ];
}
