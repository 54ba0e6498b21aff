import type { RouteInput } from '../http/route.js';
import type { MintedToken } from '../tokens/index.js';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const CLIENT_CREDENTIALS = 'client_credentials';
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/** The form of a token request. Only RFC 8693's and 8707's targets may come more than once. */
export type TokenForm = Record<string, string | undefined> & {
  resource?: string | string[] | undefined;
  audience?: string | string[] | undefined;
};

export interface TokenRequest
  extends Pick<RouteInput<unknown, unknown>, 'headers' | 'visitor' | 'connection' | 'context'> {
  form: TokenForm;
}

/** One grant of the token endpoint. @throws OAuthError */
export type TokenGrant = (request: TokenRequest) => Promise<MintedToken>;
