import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { CountRefusal } from '../../audit/index.js';
import { BASE } from '../../http/base-path.js';
import { oauthParameter } from '../../http/oauth-parameter.js';
import { defineRoute, type Reply, type Route } from '../../http/route.js';
import { keycloakErrors } from '../../keycloak-gateway/index.js';
import { BASIC_CHALLENGE } from '../../services/index.js';
import { userSchema } from '../session-answer.js';
import type { Grant, TokenAnswer, TokenRequest } from './grant.js';
import { OAuthError } from './oauth-error.js';

export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/** Those of RFC 8693 §2.1 that may be sent several times. */
const REPEATABLE = ['resource', 'audience'];

const tokenSchema = z.object({
  access_token: z.string(),
  issued_token_type: z.literal(ACCESS_TOKEN),
  token_type: z.literal('Bearer'),
  expires_in: z.int(),
  refresh_token: z.string().optional(),
  refresh_expires_in: z.int().optional(),
  sessionId: z.string().optional(),
  user: userSchema.optional(),
  nextAction: z.object({ type: z.string() }).optional(),
});
const errorSchema = z.object({ error: z.string(), error_description: z.string() });

/** `POST /token`: answers and errors of RFC 6749 §5, unknown parameters ignored (§3.2); the grants do the work. */
export function tokenEndpoint(options: {
  grants: readonly Grant[];
  limits: RequestHandler[];
  countRefusal: CountRefusal;
}): Route {
  const grants = new Map(options.grants.map((grant) => [grant.type, grant]));
  const types = [...grants.keys()];
  return defineRoute({
    method: 'post',
    path: `${BASE}/auth/token`,
    summary:
      'Token endpoint: one-time code, Keycloak access token (RFC 8693), or client credentials of a service',
    tag: 'sign-in',
    access: 'public',
    limits: options.limits,
    inputLimits: options.grants.flatMap(({ type, limits = [] }) =>
      limits.map((limit) => onlyFor(type, limit)),
    ),
    body: z.looseObject({
      grant_type: oauthParameter({ enum: types }),
      ...Object.assign({}, ...options.grants.map((grant) => grant.parameters)),
    }),
    bodyType: 'form',
    responses: {
      200: { description: 'The platform token; with a code, its session too', schema: tokenSchema },
      400: { description: 'RFC 6749 §5.2', schema: errorSchema },
      401: { description: 'invalid_client', schema: errorSchema },
    },
    problems: [keycloakErrors.unavailable],
    async handle({ body: form, ...request }) {
      try {
        const grant = chooseGrant(form, request.headers.authorization, grants);
        return granted(await run(grant, { ...request, form }, options.countRefusal));
      } catch (error) {
        if (error instanceof OAuthError) return refused(error);
        throw error;
      }
    },
  });
}

/** A refusal by the grant itself is counted, under the last part of its type. */
async function run(grant: Grant, request: TokenRequest, countRefusal: CountRefusal): Promise<TokenAnswer> {
  try {
    return await grant.run(request);
  } catch (error) {
    const call = `token/${grant.type.split(':').at(-1)}`;
    if (error instanceof OAuthError) {
      countRefusal(
        grant.authenticatesClient
          ? { action: 'service.refused', call, address: request.connection.address }
          : { action: 'sign_in.refused', call, address: request.visitor.address },
      );
    }
    throw error;
  }
}

/** What every grant asks of a request. */
function chooseGrant(
  form: Record<string, unknown>,
  authorization: string | undefined,
  grants: ReadonlyMap<string, Grant>,
): Grant {
  const repeated = Object.keys(form).find((name) => Array.isArray(form[name]) && !REPEATABLE.includes(name));
  if (repeated) throw new OAuthError('invalid_request', 'a parameter was sent more than once');
  if (form.grant_type === undefined) throw new OAuthError('invalid_request', 'grant_type is missing');
  const grant = grants.get(String(form.grant_type));
  if (!grant) throw new OAuthError('unsupported_grant_type', `only ${[...grants.keys()].join(', ')}`);
  const { client_secret, client_assertion } = form;
  const hasCredential =
    authorization !== undefined || client_secret !== undefined || client_assertion !== undefined;
  if (hasCredential && !grant.authenticatesClient) {
    throw new OAuthError('invalid_client', 'no confidential client is registered');
  }
  return grant;
}

function onlyFor(type: string, limit: RequestHandler): RequestHandler {
  return (request, response, next) =>
    response.locals.input.body.grant_type === type ? limit(request, response, next) : next();
}

function granted({ accessToken, expiresIn, session }: TokenAnswer): Reply {
  const body = {
    access_token: accessToken,
    issued_token_type: ACCESS_TOKEN,
    token_type: 'Bearer',
    expires_in: expiresIn,
    ...(session && {
      refresh_token: session.refreshToken,
      refresh_expires_in: session.refreshExpiresIn,
      sessionId: session.sessionId,
      user: session.user,
      nextAction: session.nextAction,
    }),
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
