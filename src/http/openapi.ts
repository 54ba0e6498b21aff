import { extendZodWithOpenApi, OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import type { ProblemKind } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { BASE } from './base-path.js';
import { REQUEST_HEADERS, type RequestHeader } from './request-headers.js';
import type { Access, Route } from './route.js';
import { tokensFor } from './token-kind.js';

extendZodWithOpenApi(z);

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  requestId: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string(), code: z.string() })).optional(),
  nextAction: z.object({ type: z.string(), url: z.string().optional() }).optional(),
  message: z.string(),
  statusCode: z.int(),
  normalized: z.object({ text: z.string(), code: z.string(), args: z.record(z.string(), z.unknown()) }),
});

/** How whoever may not call is refused, before a route is asked: by the codes of the domains that know people and services. */
export interface AccessProblems {
  person: readonly ProblemKind[];
  recentSignIn: ProblemKind;
  service: readonly ProblemKind[];
}

/** OpenAPI 3.1 from the very declarations that validate requests and strip answers (R3, D10). */
export function describeRoutes(
  routes: readonly Route[],
  issuer: string,
  accessProblems: AccessProblems,
): object {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'accessToken', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
  });
  registry.registerComponent('securitySchemes', 'accountToken', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'Of an account, as `/api/auth/login` gives it to somebody with several branches',
  });
  registry.registerComponent('securitySchemes', 'systemToken', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: "A service's, by `client_credentials` with `audience=nx-identity`",
  });
  registry.registerComponent('securitySchemes', 'serviceCredential', {
    type: 'http',
    scheme: 'basic',
    description: "A service's name and secret, from an allowed address and through no proxy",
  });
  const problem = registry.register('Problem', problemSchema);
  for (const route of routes) {
    registry.registerPath({
      method: route.method,
      path: route.path,
      summary: route.summary,
      ...description(route),
      tags: [route.tag],
      ...security(route),
      request: {
        ...(route.params ? { params: route.params as z.ZodObject } : {}),
        ...(route.query ? { query: route.query as z.ZodObject } : {}),
        ...(route.headers ? { headers: describeHeaders(route.headers) } : {}),
        ...body(route),
      },
      responses: { ...successes(route), ...refusals(route, problem, accessProblems) },
    });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'nx-identity',
      version: '1.0.0',
      description: `Sign-in and tokens. Errors: RFC 9457. Base: ${BASE}`,
    },
    servers: [{ url: issuer }],
  });
}

function description({ description, recentSignIn }: Route) {
  const text = [description, recentSignIn && 'Needs a sign-in of the last five minutes (RFC 9470).']
    .filter(Boolean)
    .join(' ');
  return text ? { description: text } : {};
}

/** `x-token-kinds`: which of a person's tokens open the call. */
function security({ access }: Route) {
  if (access === 'public') return {};
  if (typeof access === 'object' && 'anyOf' in access) {
    const open = [{ accessToken: [] }, { systemToken: [] }, { serviceCredential: [] }];
    return { security: open, 'x-token-kinds': tokensFor(access) };
  }
  const kinds = tokensFor(access);
  if (kinds.length === 0) return { security: [{ systemToken: [] }, { serviceCredential: [] }] };
  const scheme = kinds.includes('account') ? 'accountToken' : 'accessToken';
  const services = typeof access === 'object' && 'anyOf' in access ? [{ serviceCredential: [] }] : [];
  return { security: [{ [scheme]: [] }, ...services], 'x-token-kinds': kinds };
}

function body({ body: schema, bodyType, bodyStream }: Route) {
  const type = bodyType === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
  if (schema) return { body: { content: { [type]: { schema } }, required: !schema.safeParse({}).success } };
  if (bodyStream)
    return { body: { content: { [bodyStream.contentType]: { schema: z.string() } }, required: true } };
  return {};
}

const describeHeaders = (names: readonly RequestHeader[]) =>
  z.object(
    Object.fromEntries(names.map((name) => [name, z.string().optional().describe(REQUEST_HEADERS[name])])),
  );

function successes(route: Route) {
  return Object.fromEntries(
    Object.entries(route.responses).map(([status, { description, schema, contentType }]) => [
      status,
      { description, ...(schema ? { content: { [contentType ?? 'application/json']: { schema } } } : {}) },
    ]),
  );
}

function refusals(route: Route, schema: z.ZodType, accessProblems: AccessProblems) {
  const byStatus = new Map<number, ProblemKind[]>();
  const everywhere = [requestErrors.malformed, requestErrors.internal, requestErrors.unavailable];
  const withBody = [requestErrors.too_large, requestErrors.unsupported_media_type];
  const kinds = new Set([
    ...(route.problems ?? []),
    ...everywhere,
    ...accessRefusals(route.access, accessProblems),
    ...(route.recentSignIn ? [accessProblems.recentSignIn] : []),
    ...(route.params ? [requestErrors.not_found] : []),
    ...(route.body || route.bodyStream ? withBody : []),
    ...(route.body || route.bodyStream || route.query ? [requestErrors.validation_failed] : []),
    ...(route.limits || route.inputLimits ? [requestErrors.too_many] : []),
  ]);
  for (const kind of kinds) {
    byStatus.set(kind.status, [...(byStatus.get(kind.status) ?? []), kind]);
  }
  return Object.fromEntries(
    [...byStatus]
      .filter(([status]) => route.responses[status] === undefined)
      .map(([status, kinds]) => [
        status,
        {
          description: kinds.map((kind) => `\`${kind.code}\` ${kind.title}`).join('; '),
          content: { 'application/problem+json': { schema } },
        },
      ]),
  );
}

function accessRefusals(access: Access, problems: AccessProblems): readonly ProblemKind[] {
  if (access === 'public') return [];
  if (access === 'user' || 'token' in access) return problems.person;
  if ('role' in access) return [...problems.person, requestErrors.role_missing];
  if ('service' in access) return problems.service;
  return [...accessRefusals(access.anyOf[0], problems), ...problems.service];
}
