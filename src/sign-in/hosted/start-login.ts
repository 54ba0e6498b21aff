import { type OAuthParameters, single, singlesAsQuery } from '../../http/oauth-parameter.js';
import type { HostedLogin } from '../../keycloak-gateway/index.js';
import { backToApp } from './back-to-app.js';
import { readLoginRequest } from './login-request.js';
import type { LoginStates } from './login-state.js';
import type { IsRegisteredRedirect } from './registered-redirect.js';

export type LoginStart =
  /** To Keycloak's page, with the cookie that binds this browser. */
  | { kind: 'to_keycloak'; location: string; cookie: string }
  /** To the app, with an error. */
  | { kind: 'to_app'; location: string }
  /** Nobody registered this: an open redirector would be the answer (RFC 6749 §4.1.2.1). */
  | { kind: 'unregistered' };

export type StartLogin = (query: OAuthParameters, cookie: string | undefined) => Promise<LoginStart>;

/** `GET /login`: what the app asks for is sealed into a `state` of ours, and the browser goes to Keycloak. */
export function createStartLogin(options: {
  isRegistered: IsRegisteredRedirect;
  states: LoginStates;
  keycloak: Pick<HostedLogin, 'pageUrl'>;
  issuer: string;
}): StartLogin {
  const { isRegistered, states, keycloak, issuer } = options;
  return async (query, cookie) => {
    const clientId = single(query, 'client_id');
    const redirectUri = single(query, 'redirect_uri');
    if (!clientId || !redirectUri || !(await isRegistered(clientId, redirectUri))) {
      return { kind: 'unregistered' };
    }
    const request = readLoginRequest(query);
    if ('error' in request) {
      const location = backToApp(redirectUri, issuer, { ...request, state: single(query, 'state') });
      return { kind: 'to_app', location };
    }
    const { state: appState, codeChallenge, wishes } = request;
    // The same question once more: the app's state and challenge are good until the app is told something.
    const retry = singlesAsQuery(query).toString();
    const begun = states.begin({ clientId, redirectUri, appState, codeChallenge }, retry, cookie);
    return {
      kind: 'to_keycloak',
      location: await keycloak.pageUrl(begun.trip, wishes),
      cookie: begun.cookie,
    };
  };
}
