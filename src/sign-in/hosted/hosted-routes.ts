import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { CountRefusal } from '../../audit/index.js';
import { BASE } from '../../http/base-path.js';
import { oauthParameter, single } from '../../http/oauth-parameter.js';
import { type Cookie, defineRoute, type Reply, type Route, type RouteInput } from '../../http/route.js';
import type { IssueTokens } from '../../sessions/index.js';
import { chooseLanguage } from '../choose-language.js';
import type { NoteDevice } from '../known-device.js';
import type { RefreshCookie } from '../session-answer.js';
import type { FinishLogin } from './finish-login.js';
import { LOGIN_LIFE_S } from './login-state.js';
import type { StartLogin } from './start-login.js';
import { TROUBLE_PAGE_POLICY, type Trouble, troublePage } from './trouble-page.js';

const LOGIN = `${BASE}/auth/login`;
type Query = Record<string, unknown>;

const loginQuery = z.looseObject({
  client_id: oauthParameter({ description: 'A registered client' }),
  redirect_uri: oauthParameter({ description: 'One of its redirect URIs, exactly as registered' }),
  state: oauthParameter({ description: 'Comes back as it is; up to 1024 printable ASCII characters' }),
  code_challenge: oauthParameter({
    description: 'S256 of the code_verifier that /token will get (RFC 7636)',
  }),
  code_challenge_method: oauthParameter({ enum: ['S256'] }),
  response_type: oauthParameter({ enum: ['code'] }),
  prompt: oauthParameter({ description: 'Handed on to Keycloak, like the next two: none, login, create' }),
  ui_locales: oauthParameter({ description: 'vi, en' }),
  login_hint: oauthParameter({}),
});
const callbackQuery = z.looseObject({
  state: oauthParameter({}),
  code: oauthParameter({}),
  iss: oauthParameter({}),
  error: oauthParameter({}),
});
const page = { description: 'A page that says what to do', schema: z.string(), contentType: 'text/html' };

export interface HostedRoutes {
  startLogin: StartLogin;
  finishLogin: FinishLogin;
  issueTokens: IssueTokens;
  refreshCookie: RefreshCookie;
  noteDevice: NoteDevice;
  /** Whether the public URL is https. */
  secure: boolean;
  limits: RequestHandler[];
  countRefusal: CountRefusal;
}

/** `/login` and `/callback` (contract §4): browsers come here by redirect, so what can't be redirected is a page. */
export function hostedRoutes(options: HostedRoutes): Route[] {
  const { limits, issueTokens, refreshCookie } = options;
  const stateCookie = options.secure ? '__Host-nx_state' : 'nx_state';
  const setState = (value: string): Cookie => ({
    name: stateCookie,
    value,
    path: '/',
    maxAge: LOGIN_LIFE_S,
    sameSite: 'lax', // it has to come along when Keycloak, which may be another site, sends the browser back
  });

  return [
    defineRoute({
      method: 'get',
      path: LOGIN,
      summary: "Sign in on Keycloak's pages (RFC 6749 §4.1 with PKCE)",
      description:
        'An app sends the browser here with all of client_id, redirect_uri, state, code_challenge and ' +
        'code_challenge_method=S256, and finds `code`, `state` and `iss`, or `error`, at its redirect URI.',
      tag: 'sign-in',
      access: 'public',
      limits,
      query: loginQuery,
      responses: { 302: { description: 'To Keycloak; or to the app with an error' }, 400: page },
      async handle(input) {
        const start = await options.startLogin(input.query, input.cookies[stateCookie]);
        if (start.kind === 'unregistered') return showTrouble(input, 'unregistered');
        if (start.kind === 'to_app') return redirect(start.location);
        return redirect(start.location, [setState(start.cookie)]);
      },
    }),
    defineRoute({
      method: 'get',
      path: `${BASE}/auth/callback`,
      summary: "Where Keycloak's pages send the browser back to",
      tag: 'sign-in',
      access: 'public',
      limits,
      query: callbackQuery,
      responses: { 302: { description: 'To the app, with a one-time code or an error' }, 400: page },
      async handle(input) {
        const { query, cookies, visitor, context } = input;
        const { logger } = context;
        const end = await options.finishLogin({ query, cookie: cookies[stateCookie], visitor, logger });
        if (end.kind === 'unknown' || end.error === 'access_denied') {
          options.countRefusal({ action: 'sign_in.refused', call: 'callback', address: visitor.address });
        }
        if (end.kind === 'unknown') return showTrouble(input, 'unknown', end.retry);
        if (end.error !== undefined) context.note({ 'sign_in.error': end.error });
        const own = end.cookieFor && refreshCookie.set(await issueTokens(end.cookieFor));
        const device = end.userId === undefined ? [] : await options.noteDevice(end.userId, cookies, visitor);
        return redirect(end.location, own ? [own, ...device] : device);
      },
    }),
  ];
}

const redirect = (location: string, cookies: Cookie[] = []): Reply => ({
  status: 302,
  headers: { Location: location },
  cookies,
});

function showTrouble(
  { query, languages }: RouteInput<undefined, Query>,
  trouble: Trouble,
  retry?: string,
): Reply {
  const language = chooseLanguage(single(query, 'ui_locales'), languages);
  return {
    status: 400,
    headers: { 'Content-Security-Policy': TROUBLE_PAGE_POLICY },
    body: troublePage(trouble, language, retry === undefined ? undefined : `${LOGIN}?${retry}`),
  };
}
