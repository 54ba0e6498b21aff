import {
  AuthorizationResponseError,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientError,
  type Configuration,
  calculatePKCECodeChallenge,
  ResponseBodyError,
} from 'openid-client';
import { keycloakUnavailable } from './errors.js';
import { type KeycloakIdentity, readIdentity } from './keycloak-identity.js';

/** What an app may ask of Keycloak's pages; handed on as it came. */
export interface PageWishes {
  prompt?: string | undefined;
  ui_locales?: string | undefined;
  login_hint?: string | undefined;
}

/** The secrets of one trip to Keycloak's pages and back: PKCE (RFC 7636), state, nonce. */
export interface Trip {
  verifier: string;
  state: string;
  nonce: string;
}

export type HostedAnswer =
  | { kind: 'signed_in'; identity: KeycloakIdentity; refreshToken: string }
  /** An `error` of RFC 6749 §4.1.2.1 or OpenID Connect §3.1.2.6, by Keycloak or because the answer was not its own. */
  | { kind: 'refused'; error: string };

export interface HostedLogin {
  /** Where to send the browser. */
  pageUrl(trip: Trip, wishes: PageWishes): Promise<string>;
  /**
   * Takes what Keycloak sent back: checks `state` and `iss` (RFC 9207), trades the code, checks the ID token's nonce.
   * @param query the callback's parameters as they came
   * @throws Problem `keycloak.unavailable` (503)
   */
  readAnswer(query: URLSearchParams, trip: Trip): Promise<HostedAnswer>;
}

/** An answer that isn't from this realm, for this trip: by openid-client's codes. */
const NOT_OURS = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_UNSUPPORTED_OPERATION',
]);

/** Sign-in on Keycloak's own pages: authorization code with PKCE, by the confidential client. */
export function createHostedLogin(oidc: Configuration, callbackUrl: string): HostedLogin {
  return {
    async pageUrl({ verifier, state, nonce }, wishes) {
      const wished = Object.entries(wishes).filter((entry) => entry[1] !== undefined);
      return buildAuthorizationUrl(oidc, {
        ...(Object.fromEntries(wished) as Record<string, string>),
        redirect_uri: callbackUrl,
        scope: 'openid profile email phone',
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).href;
    },
    async readAnswer(query, { verifier, state, nonce }) {
      try {
        const tokens = await authorizationCodeGrant(oidc, new URL(`${callbackUrl}?${query}`), {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        if (!tokens.refresh_token) throw new Error('Keycloak gave no refresh token');
        const identity = readIdentity(tokens.claims() ?? {});
        return { kind: 'signed_in', identity, refreshToken: tokens.refresh_token };
      } catch (error) {
        return readRefusal(error);
      }
    },
  };
}

function readRefusal(error: unknown): HostedAnswer {
  if (error instanceof AuthorizationResponseError) return { kind: 'refused', error: error.error };
  const codeIsSpent = error instanceof ResponseBodyError && error.error === 'invalid_grant';
  const notOurs = error instanceof ClientError && NOT_OURS.has(error.code ?? '');
  if (codeIsSpent || notOurs) return { kind: 'refused', error: 'access_denied' };
  throw keycloakUnavailable(error);
}
