import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import cookieParser from 'cookie-parser';
import express, { type RequestHandler, type Response, type Router } from 'express';
import type { z } from 'zod';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { accessGuards } from './access-guards.js';
import { bodyStream, noStream } from './body-stream.js';
import { clientAddress } from './client-address.js';
import { readConnection } from './connection.js';
import { hasEntityTag } from './entity-tag.js';
import { contextOf } from './request-context.js';
import type {
  Cookie,
  FindServiceByToken,
  PersonGate,
  Reply,
  Route,
  RouteInput,
  ServiceGate,
} from './route.js';
import { tokensFor } from './token-kind.js';

const BODY_LIMIT = '32kb';
// Compressed bodies are refused: nothing this service takes is large enough to gain from them.
const parseJson = (limit: number | string = BODY_LIMIT): RequestHandler =>
  express.json({ limit, inflate: false, type: 'application/json' });
const parseForm = express.urlencoded({
  limit: BODY_LIMIT,
  inflate: false,
  extended: false,
  parameterLimit: 50,
});

export interface MountOptions {
  personGate: PersonGate;
  serviceGate: ServiceGate;
  /** Without it no system token opens anything. */
  findServiceByToken?: FindServiceByToken;
  secureCookies: boolean;
}

/**
 * Turns route declarations into an Express router. Paths that exist answer 405 to other methods; a path that is whole comes
 * before one that has parts to fill in (OpenAPI 3.1 §4.8.8.2).
 */
export function mountRoutes(router: Router, routes: readonly Route[], options: MountOptions): void {
  const paths = [...new Set(routes.map(({ path }) => path))].sort((a, b) => openParts(a) - openParts(b));
  for (const path of paths) {
    const ofPath = routes.filter((route) => route.path === path);
    for (const route of ofPath) {
      router[route.method](
        expressPath(path),
        nameRoute(route),
        ...(route.limits ?? []),
        ...guards(route, options),
        answer(route, options),
      );
    }
    const allowed = ofPath.map((route) => route.method.toUpperCase());
    router.all(expressPath(path), (_request, response) => {
      response.setHeader('Allow', allowed.join(', '));
      throw new Problem(requestErrors.method_not_allowed);
    });
  }
}

const openParts = (path: string): number => path.split('{').length - 1;

/** OpenAPI's `{name}` is Express's `:name`. */
const expressPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

function nameRoute(route: Route): RequestHandler {
  return (_request, response, next) => {
    response.locals.route = route.path;
    response.setHeader('Cache-Control', 'no-store');
    next();
  };
}

/** In the order of refusals: 401 and 403 before the body is even read, then 400, 413, 415, 422, then limits by input. */
function guards(route: Route, options: MountOptions): RequestHandler[] {
  const authenticate: RequestHandler = async (request, response, next) => {
    const caller = await options.personGate.authenticate(request, tokensFor(route.access));
    contextOf(response).note({ userId: caller.userId });
    response.locals.caller = caller;
    next();
  };
  const validate: RequestHandler = (request, response, next) => {
    response.locals.input = {
      params: route.params ? checkParams(route.params, request.params) : undefined,
      body: route.body ? check(route.body, request.body ?? {}) : undefined,
      stream: response.locals.stream ?? noStream,
      query: route.query ? check(route.query, request.query) : undefined,
      cookies: request.cookies as Record<string, string>,
      languages: request.acceptsLanguages(),
      headers: {
        origin: request.get('origin'),
        authorization: request.get('authorization'),
        loadedKids: request.get('x-loaded-kids'),
        ifMatch: request.get('if-match'),
        idempotencyKey: request.get('idempotency-key'),
      },
      visitor: {
        address: clientAddress(request),
        agent: request.get('user-agent') ?? '',
        requestId: contextOf(response).requestId,
      },
      connection: readConnection(request),
      context: contextOf(response),
    } satisfies RouteInput<unknown, unknown>;
    next();
  };
  return [
    ...accessGuards(route.access, { findServiceByToken: async () => undefined, ...options, authenticate }),
    ...admission(route, options.personGate),
    cookieParser(),
    ...(route.body
      ? [requireContentType(route), route.bodyType === 'form' ? parseForm : parseJson(route.bodyLimit)]
      : []),
    ...(route.bodyStream ? [bodyStream(route.bodyStream)] : []),
    validate,
    ...(route.inputLimits ?? []),
  ];
}

function admission({ recentSignIn, admit }: Route, personGate: PersonGate): RequestHandler[] {
  if (!recentSignIn && !admit) return [];
  return [
    async (_request, response, next) => {
      if (recentSignIn) personGate.requireRecentSignIn(response.locals.caller);
      await admit?.(response.locals.caller);
      next();
    },
  ];
}

function requireContentType(route: Route): RequestHandler {
  const expected = route.bodyType === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
  return (request, _response, next) => {
    const empty = request.get('content-length') === '0' || !request.get('content-type');
    if (!empty && !request.is(expected)) {
      throw new Problem(requestErrors.unsupported_media_type, { detail: `Send ${expected}` });
    }
    next();
  };
}

/** A path that can't be anything's is nothing's. */
function checkParams(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Problem(requestErrors.not_found);
}

function check(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Problem(requestErrors.validation_failed, {
    errors: parsed.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message: issue.message,
      code: issue.code,
    })),
  });
}

function answer(route: Route, options: MountOptions): RequestHandler {
  return async (request, response) => {
    const reply = await route.handle(response.locals.input, response.locals.caller);
    const declared = route.responses[reply.status];
    if (!declared) throw new Error(`${route.path} answered ${reply.status}, which it does not declare`);
    for (const cookie of reply.cookies ?? []) setCookie(response, cookie, options.secureCookies);
    response.status(reply.status).set(reply.headers ?? {});
    // Not left to Express, which takes `Cache-Control: no-cache` for a wish to have it all; fetch sends that by itself.
    const etag = reply.headers?.ETag;
    if (etag !== undefined && hasEntityTag(request.get('if-none-match'), etag)) {
      return void response.status(304).end();
    }
    if (reply.stream) {
      response.type(declared.contentType ?? 'application/octet-stream');
      return sendStream(reply.stream, response);
    }
    sendBody(response, reply, declared);
  };
}

/** The schema strips what it doesn't know; a body that does not fit it is a bug and becomes a 500. */
function sendBody(response: Response, reply: Reply, declared: Route['responses'][number]): void {
  if (!declared.schema) return void response.end();
  const body = declared.schema.parse(reply.body);
  const { contentType = 'application/json' } = declared;
  const text = declared.contentType === undefined ? JSON.stringify(body) : String(body);
  // A string gets a charset from Express, which belongs to texts and to JSON as clients know it, not to a JWT.
  response.type(contentType);
  response.send(contentType.endsWith('+jwt') ? Buffer.from(text) : text);
}

/** What fails, or is broken off by the receiver, has cut the connection already: there is nothing left to answer. */
async function sendStream(stream: Readable, response: Response): Promise<void> {
  await pipeline(stream, response).catch((error: unknown) => {
    contextOf(response).logger.warn({ err: error }, 'an answer was broken off');
  });
}

function setCookie(response: Response, cookie: Cookie, secure: boolean): void {
  response.cookie(cookie.name, cookie.value ?? '', {
    httpOnly: true,
    secure,
    sameSite: cookie.sameSite ?? 'strict',
    path: cookie.path,
    maxAge: cookie.value === null ? 0 : cookie.maxAge * 1000,
  });
}
