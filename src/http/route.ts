import type { Readable } from 'node:stream';
import type { Request, RequestHandler } from 'express';
import type { z } from 'zod';
import type { ProblemKind } from '../errors/problem.js';
import type { RequestContext } from './request-context.js';
import type { RequestHeader } from './request-headers.js';
import type { TokenKind } from './token-kind.js';

/** A person, by a token of theirs. `role` is a role that their platform token must carry, `token` the one kind that opens it. */
type PersonAccess = 'user' | { role: string } | { token: TokenKind };

/** A service, by its credential or a system token, whose grant must name this call. */
interface ServiceAccess {
  service: string;
}

/**
 * Who may call. A route without it does not compile. `anyOf`: one kind of people, and services.
 */
export type Access =
  | 'public'
  | PersonAccess
  | ServiceAccess
  | { anyOf: readonly [PersonAccess, ServiceAccess] };

/** The person behind a verified access token of ours. */
export interface Caller {
  userId: string;
  sessionId: string;
  claims: Record<string, unknown>;
}

/** The service behind a credential (P5). */
export interface ServiceCaller {
  serviceId: string;
  name: string;
  /** `merchantId` null: the call is about no merchant. */
  grants: readonly { call: string; merchantId: string | null }[];
}

/** Whom a handler is told of: it follows from the route's access. */
export type CallerOf<A extends Access> = A extends PersonAccess
  ? Caller
  : A extends ServiceAccess
    ? ServiceCaller
    : A extends { anyOf: readonly unknown[] }
      ? Caller | ServiceCaller
      : undefined;

export const isService = (caller: Caller | ServiceCaller): caller is ServiceCaller => 'serviceId' in caller;

/** What stands before the routes of people. */
export interface PersonGate {
  /** Verifies the request's access token: throws a 401 Problem otherwise, a 403 one for a token of no such kind. */
  authenticate(request: Request, kinds: readonly TokenKind[]): Promise<Caller>;
  /** Throws the 401 Problem of RFC 9470 for somebody whose sign-in is not fresh. */
  requireRecentSignIn(caller: Caller): void;
}

/** What stands before the routes of services. */
export interface ServiceGate {
  /** Limits, then the credential: refuses with 401, else sets `response.locals.caller`. */
  identify: readonly RequestHandler[];
  /** Refuses with 403 when the caller's grant doesn't name the call. */
  permit(call: string): RequestHandler;
}

/** The service behind a system token that was made for us; undefined when the header carries no such token. */
export type FindServiceByToken = (authorization: string | undefined) => Promise<ServiceCaller | undefined>;

/** The other end of the socket, whatever the headers say. */
export interface Connection {
  address: string;
  /** Whether headers say that the request came through a proxy. */
  forwarded: boolean;
}

export interface Visitor {
  /** The address as the trusted hops report it. */
  address: string;
  agent: string;
  /** Of this one request, as the answer's `X-Request-Id` says it. */
  requestId: string;
}

export interface RouteInput<Body, Query, Params = unknown> {
  /** Parts of the path. */
  params: Params;
  body: Body;
  /** Of a route with `bodyStream`; fails with `request.too_large` past its limit. */
  stream: Readable;
  query: Query;
  cookies: Record<string, string>;
  /** The browser's languages (Accept-Language), the best first. */
  languages: string[];
  headers: {
    origin?: string | undefined;
    authorization?: string | undefined;
    loadedKids?: string | undefined;
    ifMatch?: string | undefined;
    idempotencyKey?: string | undefined;
  };
  visitor: Visitor;
  connection: Connection;
  context: RequestContext;
}

export interface Reply {
  status: number;
  body?: unknown;
  /** Instead of a body, sent as it comes; what fails in the middle cuts the connection, so that nobody takes it for whole. */
  stream?: Readable;
  headers?: Record<string, string>;
  cookies?: Cookie[];
}

/** `value: null` clears the cookie. `maxAge` is in seconds. HttpOnly always; SameSite is strict unless said. */
export interface Cookie {
  name: string;
  value: string | null;
  path: string;
  maxAge: number;
  sameSite?: 'strict' | 'lax';
}

/**
 * One declaration: it guards the way in (access, limits, schema), strips the way out, and is the OpenAPI entry.
 * Handlers of `user` routes get the person, those of services' routes the service, those of `public` routes nobody.
 */
export interface Route<
  Body extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  A extends Access = Access,
  Params extends z.ZodType = z.ZodType,
> {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** `{name}` stands for a part that `params` describes. */
  path: string;
  params?: Params;
  summary: string;
  /** For the OpenAPI document: what a caller has to know beyond the summary. */
  description?: string;
  tag: string;
  access: A;
  /** Whether the person must have signed in within the last five minutes (RFC 9470), asked before `admit`. */
  recentSignIn?: A extends PersonAccess ? true : never;
  /** What else the caller has to be, asked before the body is read: throws a 403 Problem. */
  admit?(caller: CallerOf<A>): void | Promise<void>;
  /** Before anything is parsed: limits by address. */
  limits?: RequestHandler[];
  /** After validation, where the key is a part of the input. */
  inputLimits?: RequestHandler[];
  body?: Body;
  /** How the body is written; JSON unless said. */
  bodyType?: 'json' | 'form';
  /** Bytes of a JSON body; 32 kB unless said. */
  bodyLimit?: number;
  /** Instead of a body that is read and checked beforehand: one that the handler reads as it comes, `limit` bytes at most. */
  bodyStream?: { contentType: string; limit: number };
  query?: Query;
  /** Those that the call reads, for the OpenAPI document. */
  headers?: readonly RequestHeader[];
  responses: Record<number, { description: string; schema?: z.ZodType; contentType?: string }>;
  /** Its own: what access, parameters, body and limits refuse is told of without being listed. */
  problems?: readonly ProblemKind[];
  handle(
    input: RouteInput<z.infer<Body>, z.infer<Query>, z.infer<Params>>,
    caller: CallerOf<A>,
  ): Promise<Reply>;
}

/** Keeps the types of the schemas inside one route and forgets them outside. */
export function defineRoute<
  Body extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  const A extends Access = Access,
  Params extends z.ZodType = z.ZodUndefined,
>(route: Route<Body, Query, A, Params>): Route {
  return route as unknown as Route;
}
