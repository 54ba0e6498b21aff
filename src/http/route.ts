import type { RequestHandler } from 'express';
import type { z } from 'zod';
import type { ProblemKind } from '../errors/problem.js';
import type { RequestContext } from './request-context.js';

/** Who may call. A route without it does not compile. */
export type Access = 'public' | 'user';

/** The person behind a verified access token of ours. */
export interface Caller {
  userId: string;
  sessionId: string;
  claims: Record<string, unknown>;
}

export interface Visitor {
  /** The address as the trusted hops report it. */
  address: string;
  agent: string;
}

export interface RouteInput<Body, Query> {
  body: Body;
  query: Query;
  cookies: Record<string, string>;
  /** The browser's languages (Accept-Language), the best first. */
  languages: string[];
  headers: { origin?: string | undefined; authorization?: string | undefined };
  visitor: Visitor;
  context: RequestContext;
}

export interface Reply {
  status: number;
  body?: unknown;
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
 * Handlers of `user` routes get the caller, those of `public` routes none.
 */
export interface Route<Body extends z.ZodType = z.ZodType, Query extends z.ZodType = z.ZodType> {
  method: 'get' | 'post' | 'delete';
  path: string;
  summary: string;
  /** For the OpenAPI document: what a caller has to know beyond the summary. */
  description?: string;
  tag: string;
  access: Access;
  /** Before anything is parsed: limits by address. */
  limits?: RequestHandler[];
  /** After validation, where the key is a part of the input. */
  inputLimits?: RequestHandler[];
  body?: Body;
  /** How the body is written; JSON unless said. */
  bodyType?: 'json' | 'form';
  query?: Query;
  responses: Record<number, { description: string; schema?: z.ZodType; contentType?: string }>;
  problems: readonly ProblemKind[];
  handle(input: RouteInput<z.infer<Body>, z.infer<Query>>, caller: Caller): Promise<Reply>;
}

/** Keeps the types of the schemas inside one route and forgets them outside. */
export function defineRoute<
  Body extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
>(route: Route<Body, Query>): Route {
  return route as unknown as Route;
}
