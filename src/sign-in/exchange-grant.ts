import type { ExchangeUseCase } from './exchange-token.js';
import { OAuthError } from './oauth-error.js';
import { ACCESS_TOKEN, type TokenGrant, type TokenRequest } from './token-grant.js';

/** `grant_type` token exchange (RFC 8693 §2.1): reads the request, the use case does the rest. */
export function exchangeGrant(options: { exchange: ExchangeUseCase; audience: string }): TokenGrant {
  return (request) => {
    const subjectToken = readSubject(request, options.audience);
    return options.exchange({ subjectToken, visitor: request.visitor });
  };
}

/** The subject token of a well-formed exchange request. */
function readSubject({ form, headers }: TokenRequest, audience: string): string {
  const { subject_token, subject_token_type, requested_token_type = ACCESS_TOKEN } = form;
  const authenticates =
    headers.authorization !== undefined ||
    form.client_secret !== undefined ||
    form.client_assertion !== undefined;
  if (authenticates) throw new OAuthError('invalid_client', 'no confidential client is registered');
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
  if (subject_token === undefined) throw new OAuthError('invalid_request', 'subject_token is missing');
  return subject_token;
}
