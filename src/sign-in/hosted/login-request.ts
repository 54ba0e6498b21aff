import { type OAuthParameters, single } from '../../http/oauth-parameter.js';
import type { PageWishes } from '../../keycloak-gateway/index.js';

export interface LoginRequest {
  state: string;
  codeChallenge: string;
  wishes: PageWishes;
}

/** An error for the app, by redirect (RFC 6749 §4.1.2.1). */
export interface LoginError {
  error: 'invalid_request' | 'unsupported_response_type' | 'request_not_supported';
  error_description: string;
}

/** The parameters that we know; the rest is ignored (RFC 6749 §3.1). Empty ones count as omitted. */
const SHAPES = {
  response_type: /^code$/,
  state: /^[\x20-\x7e]{1,1024}$/, // RFC 6749 appendix A.5: VSCHAR
  code_challenge: /^[A-Za-z0-9_-]{43}$/,
  code_challenge_method: /^S256$/, // without it, it would be `plain` (RFC 7636 §4.3)
  prompt: /^[a-z_ ]{1,64}$/,
  ui_locales: /^[A-Za-z0-9 -]{1,100}$/,
  login_hint: /^.{1,320}$/u,
} as const;

const REQUIRED = ['state', 'code_challenge', 'code_challenge_method'] as const;

/** Reads what an app, already known by client and redirect URI, asks for. */
export function readLoginRequest(query: OAuthParameters): LoginRequest | LoginError {
  if (query.request !== undefined || query.request_uri !== undefined) {
    return { error: 'request_not_supported', error_description: 'request objects are not supported' };
  }
  for (const [name, shape] of Object.entries(SHAPES)) {
    const value = query[name];
    if (value === undefined || value === '') continue;
    const fits = shape.test(single(query, name) ?? '\n');
    if (!fits && name === 'response_type' && !Array.isArray(value)) {
      return { error: 'unsupported_response_type', error_description: 'only code' };
    }
    if (!fits) return { error: 'invalid_request', error_description: `${name} is not acceptable` };
  }
  const missing = REQUIRED.find((name) => single(query, name) === undefined);
  if (missing) return { error: 'invalid_request', error_description: `${missing} is missing` };
  return {
    state: single(query, 'state') ?? '',
    codeChallenge: single(query, 'code_challenge') ?? '',
    wishes: {
      prompt: single(query, 'prompt'),
      ui_locales: single(query, 'ui_locales'),
      login_hint: single(query, 'login_hint'),
    },
  };
}
