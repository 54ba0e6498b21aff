import type { Database } from '../../database/database.js';
import type { SpendOnce } from '../../database/spend-once.js';
import { Problem } from '../../errors/problem.js';
import { type OAuthParameters, single, singlesAsQuery } from '../../http/oauth-parameter.js';
import type { Visitor } from '../../http/route.js';
import type { HostedLogin, KeycloakAdmin, Trip } from '../../keycloak-gateway/index.js';
import type { LiveSession } from '../../sessions/index.js';
import type { Logger } from '../../telemetry/logger.js';
import type { EstablishSession } from '../establish-session.js';
import { backToApp, isSameSite } from './back-to-app.js';
import { LOGIN_LIFE_S, type LoginStates, type PendingLogin } from './login-state.js';
import type { OneTimeCodes } from './one-time-code.js';

export type LoginEnd =
  /**
   * To the app, with a one-time code or an error. `userId`: who signed in. `cookieFor`: the app's site is ours, so the
   * browser may hold the cookie.
   */
  | { kind: 'to_app'; location: string; error?: string; userId?: string; cookieFor?: LiveSession }
  /** Whose answer this is can't be told. `retry`: the query of this browser's last `/login`. */
  | { kind: 'unknown'; retry: string | undefined };

export type FinishLogin = (request: {
  query: OAuthParameters;
  cookie: string | undefined;
  visitor: Visitor;
  logger: Pick<Logger, 'error'>;
}) => Promise<LoginEnd>;

/** Errors that an app can act on (RFC 6749 §4.1.2.1, OpenID Connect §3.1.2.6); any other is told as `server_error`. */
const TOLD = new Set([
  'access_denied',
  'login_required',
  'interaction_required',
  'consent_required',
  'account_selection_required',
  'temporarily_unavailable',
  'invalid_request',
]);

/**
 * `GET /callback`: what Keycloak answered, in the browser that asked, once. The person arrives and gets a session as by
 * password; the app gets a one-time code, or an error that says what to do.
 */
export function createFinishLogin(options: {
  database: Database;
  spendOnce: SpendOnce;
  states: LoginStates;
  keycloak: Pick<HostedLogin, 'readAnswer'>;
  admin: Pick<KeycloakAdmin, 'endSession'>;
  establish: EstablishSession;
  codes: Pick<OneTimeCodes, 'issue'>;
  issuer: string;
}): FinishLogin {
  const { database, spendOnce, states, keycloak, admin, establish, codes, issuer } = options;

  async function openSession(
    pending: PendingLogin,
    trip: Trip,
    { query, visitor }: Parameters<FinishLogin>[0],
  ): Promise<LiveSession | string> {
    if (!(await spendOnce(database, 'hosted-login', pending.id, LOGIN_LIFE_S))) return 'access_denied';
    const answer = await keycloak.readAnswer(singlesAsQuery(query), trip);
    if (answer.kind === 'refused') return answer.error;
    const { identity, refreshToken } = answer;
    const { clientId } = pending;
    const established = await establish({ identity, refreshToken, clientId, via: 'hosted', visitor });
    if (established.kind === 'opened') return established.session;
    // The browser's Keycloak session is of no use here: without it, the next try asks who is there.
    await admin.endSession(identity.sid);
    return established.kind === 'suspended' ? 'access_denied' : 'login_required';
  }

  return async (request) => {
    const { query, cookie, logger } = request;
    const state = single(query, 'state') ?? '';
    const pending = states.read(state);
    if (!pending) return { kind: 'unknown', retry: states.retry(cookie) };
    const { clientId, redirectUri, appState, codeChallenge } = pending;
    const toApp = (answer: { code: string } | { error: string }) =>
      backToApp(redirectUri, issuer, { ...answer, state: appState });
    const refuse = (error: string): LoginEnd => {
      const told = TOLD.has(error) ? error : 'server_error';
      return { kind: 'to_app', location: toApp({ error: told }), error: told };
    };
    const trip = states.trip(pending, state, cookie);
    if (!trip) return refuse('access_denied');
    try {
      const opened = await openSession(pending, trip, request);
      if (typeof opened === 'string') return refuse(opened);
      const code = await codes.issue({ clientId, redirectUri, codeChallenge, sessionId: opened.id });
      const cookieFor = isSameSite(redirectUri, issuer) ? { cookieFor: opened } : {};
      return { kind: 'to_app', location: toApp({ code }), userId: opened.person.id, ...cookieFor };
    } catch (error) {
      logger.error({ err: error }, 'a hosted sign-in could not be finished');
      const passes = error instanceof Problem && error.kind.status === 503;
      return refuse(passes ? 'temporarily_unavailable' : 'server_error');
    }
  };
}
