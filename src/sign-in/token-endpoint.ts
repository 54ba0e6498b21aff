import type { RequestHandler } from 'express';
import { z } from 'zod';
import { BASE } from '../http/base-path.js';
import { defineRoute, type Reply, type Route } from '../http/route.js';
import { keycloakErrors } from '../keycloak-gateway/index.js';
import { BASIC_CHALLENGE } from '../services/index.js';
import { OAuthError } from './oauth-error.js';
import {
  ACCESS_TOKEN,
  CLIENT_CREDENTIALS,
  TOKEN_EXCHANGE,
  type TokenForm,
  type TokenGrant,
} from './token-grant.js';

/**
 * A parameter sent twice arrives as an array: RFC 6749 §3.2 forbids it, and names its own error for it. So the
 * schema takes anything, its description what is right, and `readForm` refuses in the RFC's words.
 */
const parameter = (described: { enum?: string[]; description?: string }) =>
  z
    .union([z.string(), z.array(z.string())])
    .optional()
    .meta({ type: 'string', ...described });
const form = z.looseObject({
  grant_type: parameter({ enum: [TOKEN_EXCHANGE, CLIENT_CREDENTIALS] }),
  subject_token: parameter({
    description: 'An access token of the Keycloak realm whose audience names this service',
  }),
  subject_token_type: parameter({ enum: [ACCESS_TOKEN] }),
  requested_token_type: parameter({ enum: [ACCESS_TOKEN] }),
  audience: parameter({
    description: "Exchange: the audience of platform tokens. client_credentials: a registered service's name",
  }),
  resource: parameter({ description: 'client_credentials: `service:<name>` of a registered service' }),
});

const tokenSchema = z.object({
  access_token: z.string(),
  issued_token_type: z.literal(ACCESS_TOKEN),
  token_type: z.literal('Bearer'),
  expires_in: z.int(),
});
const errorSchema = z.object({ error: z.string(), error_description: z.string() });

/** By `grant_type`. */
export type TokenGrants = Record<string, TokenGrant>;

/** `POST /token`: answers and errors of RFC 6749 §5, unknown parameters ignored (§3.2). */
export function tokenEndpoint(options: {
  grants: TokenGrants;
  limits: RequestHandler[];
  /** Before a service's secret is checked. */
  serviceLimits: readonly RequestHandler[];
}): Route {
  return defineRoute({
    method: 'post',
    path: `${BASE}/auth/token`,
    summary:
      'Token endpoint: exchange of a Keycloak access token (RFC 8693), client credentials of a service',
    tag: 'sign-in',
    access: 'public',
    limits: options.limits,
    inputLimits: options.serviceLimits.map(forClientCredentials),
    body: form,
    bodyType: 'form',
    responses: {
      200: { description: 'The platform token', schema: tokenSchema },
      400: { description: 'RFC 6749 §5.2', schema: errorSchema },
      401: { description: 'invalid_client', schema: errorSchema },
    },
    problems: [keycloakErrors.unavailable],
    async handle({ body, ...request }) {
      try {
        const form = readForm(body);
        const { token, expiresIn } = await findGrant(form, options.grants)({ ...request, form });
        return granted(token, expiresIn);
      } catch (error) {
        if (error instanceof OAuthError) return refused(error);
        throw error;
      }
    },
  });
}

/** The form with every parameter at most once, but for targets (RFC 6749 §3.2, RFC 8707 §2). */
function readForm(body: z.infer<typeof form>): TokenForm {
  const repeated = Object.keys(body).find(
    (name) => Array.isArray(body[name]) && name !== 'resource' && name !== 'audience',
  );
  if (repeated) throw new OAuthError('invalid_request', 'a parameter was sent more than once');
  return body as TokenForm;
}

function findGrant({ grant_type }: TokenForm, grants: TokenGrants): TokenGrant {
  if (grant_type === undefined) throw new OAuthError('invalid_request', 'grant_type is missing');
  const grant = Object.hasOwn(grants, grant_type) ? grants[grant_type] : undefined;
  if (!grant) throw new OAuthError('unsupported_grant_type', `only ${Object.keys(grants).join(', ')}`);
  return grant;
}

/** The other grants check no secret of a service. */
function forClientCredentials(limit: RequestHandler): RequestHandler {
  return (request, response, next) =>
    response.locals.input.body.grant_type === CLIENT_CREDENTIALS ? limit(request, response, next) : next();
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
  const challenge = error.status === 401 ? BASIC_CHALLENGE : {};
  return {
    status: error.status,
    body: { error: error.code, error_description: error.message },
    headers: challenge,
  };
}
