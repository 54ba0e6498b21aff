import { oauthParameter } from '../../http/oauth-parameter.js';
import type { ExchangeUseCase } from './exchange-token.js';
import type { Grant } from './grant.js';
import { OAuthError } from './oauth-error.js';
import { ACCESS_TOKEN } from './token-endpoint.js';

/** RFC 8693: a Keycloak access token of a listed app for a platform token. @param options.audience of platform tokens */
export function tokenExchangeGrant(options: { exchange: ExchangeUseCase; audience: string }): Grant {
  return {
    type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    parameters: {
      subject_token: oauthParameter({
        description: 'An access token of the Keycloak realm whose audience names this service',
      }),
      subject_token_type: oauthParameter({ enum: [ACCESS_TOKEN] }),
      requested_token_type: oauthParameter({ enum: [ACCESS_TOKEN] }),
      audience: oauthParameter({ description: 'The audience of platform tokens, and no other' }),
    },
    async run({ form, visitor }) {
      const subjectToken = readExchange(form, options.audience);
      const { token, expiresIn } = await options.exchange({ subjectToken, visitor });
      return { accessToken: token, expiresIn };
    },
  };
}

/** The subject token of a well-formed exchange request. */
function readExchange(form: Record<string, unknown>, audience: string): string {
  const { subject_token, subject_token_type, requested_token_type = ACCESS_TOKEN } = form;
  if (form.actor_token !== undefined) throw new OAuthError('invalid_request', 'actor_token is not supported');
  if (subject_token_type !== ACCESS_TOKEN || requested_token_type !== ACCESS_TOKEN) {
    throw new OAuthError(
      'invalid_request',
      `subject_token_type and requested_token_type must be ${ACCESS_TOKEN}`,
    );
  }
  if (form.resource !== undefined || (form.audience !== undefined && form.audience !== audience)) {
    throw new OAuthError('invalid_target', `a person's token is for ${audience}`);
  }
  if (typeof subject_token !== 'string') throw new OAuthError('invalid_request', 'subject_token is missing');
  return subject_token;
}
