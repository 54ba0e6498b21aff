import type { RequestHandler } from 'express';
import { z } from 'zod';
import { Problem } from '../../errors/problem.js';
import { defineRoute, type Route } from '../../http/route.js';
import { keycloakErrors } from '../../keycloak-gateway/index.js';
import { type IssueTokens, type SelectBranch, sessionErrors } from '../../sessions/index.js';
import { tokenErrors } from '../../tokens/index.js';
import { signInErrors } from '../errors.js';
import { identifierValue } from '../identifier-schema.js';
import type { RefreshUseCase } from '../refresh-tokens.js';
import type { RegisteredClient } from '../registered-client.js';
import type { RefreshCookie } from '../session-answer.js';
import type { FirstPartySignIn } from '../sign-in-first-party.js';
import {
  type AnswerInDialect,
  dialectAnswerSchema,
  nextActionOf,
  selectionAnswerSchema,
} from './branch-answer.js';
import { contextSchema, type DescribeContext } from './describe-context.js';
import { branchErrors } from './errors.js';
import { identifierByShape } from './identifier-by-shape.js';
import { lenient, noteIgnored } from './ignored-fields.js';
import type { LogOut } from './log-out.js';

/** C's own paths, not under BASE; its cookie is sent to nothing else. */
export const DIALECT = '/api/auth';

const refreshToken = z.string().min(1).optional();
const loginBody = lenient({
  identifier: identifierValue.describe('E-mail address, phone number in any spelling, or username'),
  password: z.string().min(1).max(256),
  totp: z
    .string()
    .regex(/^\d{6,8}$/)
    .optional(),
});
const selectBody = lenient({ branchId: z.string().min(1).max(64) });
const refreshBody = lenient({ refreshToken, scope: z.literal('account').optional() });
const logoutBody = lenient({ refreshToken });

export interface BranchRoutes {
  signIn: FirstPartySignIn;
  registeredClient: RegisteredClient;
  refresh: RefreshUseCase;
  selectBranch: SelectBranch;
  describeContext: DescribeContext;
  logOut: LogOut;
  issueTokens: IssueTokens;
  answer: AnswerInDialect;
  cookie: RefreshCookie;
  limits: Record<
    'signInByAddress' | 'signInByIdentifier' | 'refreshByAddress' | 'refreshBySession',
    RequestHandler
  >;
}

/** C's dialect (contract §4): an account first, then a branch of one of its workspaces. */
export function branchRoutes(options: BranchRoutes): Route[] {
  return [login(options), selectBranch(options), context(options), refresh(options), logout(options)];
}

const tag = 'branches';

const login = ({ signIn, registeredClient, answer, limits }: BranchRoutes): Route =>
  defineRoute({
    method: 'post',
    path: `${DIALECT}/login`,
    summary: 'Sign in with a password, into the one branch that somebody has, or to select one',
    description: 'Unknown fields are ignored. 403 as at sign-in, with the page to continue on.',
    tag,
    access: 'public',
    limits: [limits.signInByAddress],
    inputLimits: [limits.signInByIdentifier],
    body: loginBody,
    responses: { 200: { description: 'Signed in', schema: dialectAnswerSchema } },
    problems: [signInErrors.refused, signInErrors.continue_on_hosted_page, keycloakErrors.unavailable],
    async handle({ body, visitor, context }) {
      noteIgnored(loginBody, body, context);
      const identifier = identifierByShape(body.identifier);
      context.note({ 'identifier.scheme': identifier.scheme });
      const { id: clientId } = await registeredClient(undefined);
      const { password, totp } = body;
      const credential = { password, totp };
      const session = await signIn({ identifier, credential, clientId, dialect: 'workspace', visitor });
      context.note({ userId: session.person.id });
      return answer(session);
    },
  });

const selectBranch = (options: BranchRoutes): Route =>
  defineRoute({
    method: 'post',
    path: `${DIALECT}/select-branch`,
    summary: 'Move the session into a branch; the refresh token stays the same',
    tag,
    access: { token: 'account' },
    limits: [options.limits.refreshByAddress],
    body: selectBody,
    responses: { 200: { description: 'In the branch', schema: selectionAnswerSchema } },
    problems: [branchErrors.not_selectable],
    async handle({ body, visitor, context }, { sessionId, userId }) {
      noteIgnored(selectBody, body, context);
      const { branchId } = body;
      const session = await options.selectBranch({ sessionId, userId, branchId, visitor });
      if (!session) throw new Problem(branchErrors.not_selectable);
      const { accessToken, expiresIn } = await options.issueTokens(session);
      return { status: 200, body: { accessToken, expiresIn, nextAction: { type: nextActionOf(session) } } };
    },
  });

const context = ({ describeContext }: BranchRoutes): Route =>
  defineRoute({
    method: 'get',
    path: `${DIALECT}/context`,
    summary: 'The branch that the token is good in, and what its holder may do there',
    tag,
    access: { token: 'branch' },
    responses: { 200: { description: 'As it is now', schema: contextSchema } },
    problems: [branchErrors.not_selectable],
    handle: async (_input, caller) => ({ status: 200, body: await describeContext(caller) }),
  });

const refresh = (options: BranchRoutes): Route =>
  defineRoute({
    method: 'post',
    path: `${DIALECT}/refresh`,
    summary: 'Exchange a refresh token for its successor and a new access token of the same kind and branch',
    description: '`scope: account`, and a branch that is gone, lead back to the account and its branches.',
    tag,
    access: 'public',
    limits: [options.limits.refreshByAddress],
    inputLimits: [options.limits.refreshBySession],
    body: refreshBody,
    responses: { 200: { description: 'Refreshed', schema: dialectAnswerSchema } },
    problems: [tokenErrors.invalid, ...Object.values(sessionErrors), keycloakErrors.unavailable],
    async handle({ body, cookies, headers, visitor, context }) {
      noteIgnored(refreshBody, body, context);
      const { origin } = headers;
      const presented = { body: body.refreshToken, cookie: cookies[options.cookie.name], origin };
      return options.answer(await options.refresh({ ...presented, scope: body.scope, visitor }));
    },
  });

const logout = ({ logOut, cookie, limits }: BranchRoutes): Route =>
  defineRoute({
    method: 'post',
    path: `${DIALECT}/logout`,
    summary: 'End this session, in Keycloak too',
    description: 'Shown by its refresh token in the body, its cookie, or its branch token as bearer.',
    tag,
    access: 'public',
    limits: [limits.refreshByAddress],
    body: logoutBody,
    responses: { 204: { description: 'Ended' } },
    problems: [...Object.values(tokenErrors), ...Object.values(sessionErrors)],
    async handle({ body, cookies, headers, visitor, context }) {
      noteIgnored(logoutBody, body, context);
      const { origin, authorization } = headers;
      const presented = { body: body.refreshToken, cookie: cookies[cookie.name], origin };
      await logOut({ ...presented, authorization, visitor });
      return { status: 204, cookies: [cookie.clear()] };
    },
  });
