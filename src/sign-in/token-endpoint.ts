import type { RequestHandler } from 'express';
import { z } from 'zod';
import { BASE } from '../http/base-path.js';
import { defineRoute, type Reply, type Route } from '../http/route.js';
import { keycloakErrors } from '../keycloak-gateway/index.js';
import type { ExchangeUseCase } from './exchange-token.js';
import { OAuthError } from './oauth-error.js';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/**
 * A parameter sent twice arrives as an array: RFC 6749 §3.2 forbids it, and names its own error for it. So the
 * schema takes anything, its description what is right, and `readExchange` refuses in the RFC's words.
 */
const parameter = (described: { enum?: string[]; description?: string }) =>
  z
    .union([z.string(), z.array(z.string())])
    .optional()
    .meta({ type: 'string', ...described });
const form = z.looseObject({
  grant_type: parameter({ enum: [TOKEN_EXCHANGE] }),
  subject_token: parameter({
    description: 'An access token of the Keycloak realm whose audience names this service',
  }),
  subject_token_type: parameter({ enum: [ACCESS_TOKEN] }),
  requested_token_type: parameter({ enum: [ACCESS_TOKEN] }),
  audience: parameter({ description: 'The audience of platform tokens, and no other' }),
});

const tokenSchema = z.object({
  access_token: z.string(),
  issued_token_type: z.literal(ACCESS_TOKEN),
  token_type: z.literal('Bearer'),
  expires_in: z.int(),
});
const errorSchema = z.object({ error: z.string(), error_description: z.string() });

/** `POST /token`: answers and errors of RFC 6749 §5, unknown parameters ignored (§3.2). */
export function tokenEndpoint(options: {
  exchange: ExchangeUseCase;
  audience: string;
  limits: RequestHandler[];
}): Route {
  return defineRoute({
    method: 'post',
    path: `${BASE}/auth/token`,
    summary: 'Token endpoint: exchange of a Keycloak access token (RFC 8693)',
    tag: 'sign-in',
    access: 'public',
    limits: options.limits,
    body: form,
    bodyType: 'form',
    responses: {
      200: { description: 'The platform token', schema: tokenSchema },
      400: { description: 'RFC 6749 §5.2', schema: errorSchema },
      401: { description: 'invalid_client', schema: errorSchema },
    },
    problems: [keycloakErrors.unavailable],
    async handle({ body, headers, visitor }) {
      try {
        const subjectToken = readExchange(body, headers.authorization, options.audience);
        const { token, expiresIn } = await options.exchange({ subjectToken, visitor });
        return granted(token, expiresIn);
      } catch (error) {
        if (error instanceof OAuthError) return refused(error);
        throw error;
      }
    },
  });
}

/** The subject token of a well-formed exchange request. */
function readExchange(
  body: z.infer<typeof form>,
  authorization: string | undefined,
  audience: string,
): string {
  const repeated = Object.keys(body).find(
    (name) => Array.isArray(body[name]) && name !== 'resource' && name !== 'audience',
  );
  if (repeated) throw new OAuthError('invalid_request', 'a parameter was sent more than once');
  const { grant_type, subject_token, subject_token_type, requested_token_type = ACCESS_TOKEN } = body;
  if (grant_type === undefined) throw new OAuthError('invalid_request', 'grant_type is missing');
  if (grant_type !== TOKEN_EXCHANGE) throw new OAuthError('unsupported_grant_type', `only ${TOKEN_EXCHANGE}`);
  if (
    authorization !== undefined ||
    body.client_secret !== undefined ||
    body.client_assertion !== undefined
  ) {
    throw new OAuthError('invalid_client', 'no confidential client is registered');
  }
  if (body.actor_token !== undefined) throw new OAuthError('invalid_request', 'actor_token is not supported');
  if (subject_token_type !== ACCESS_TOKEN || requested_token_type !== ACCESS_TOKEN) {
    throw new OAuthError(
      'invalid_request',
      `subject_token_type and requested_token_type must be ${ACCESS_TOKEN}`,
    );
  }
  if (body.resource !== undefined || (body.audience !== undefined && body.audience !== audience)) {
    throw new OAuthError('invalid_target', `a person's token is for ${audience}`);
  }
  if (typeof subject_token !== 'string') throw new OAuthError('invalid_request', 'subject_token is missing');
  return subject_token;
}

function granted(token: string, expiresIn: number): Reply {
  const body = {
    access_token: token,
    issued_token_type: ACCESS_TOKEN,
    token_type: 'Bearer',
    expires_in: expiresIn,
  };
  return { status: 200, body, headers: { Pragma: 'no-cache' } };
}

function refused(error: OAuthError): Reply {
  const challenge = error.status === 401 ? { 'WWW-Authenticate': 'Basic realm="nx-identity"' } : {};
  return {
    status: error.status,
    body: { error: error.code, error_description: error.message },
    headers: challenge,
  };
}
