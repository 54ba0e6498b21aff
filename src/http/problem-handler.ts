import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { problemDocument } from './problem-document.js';
import { contextOf } from './request-context.js';

/** What Express and its body parsers throw, by their `type`. Anything else of theirs is a malformed request. */
const PARSER_PROBLEMS: Record<string, keyof typeof requestErrors> = {
  'entity.too.large': 'too_large',
  'parameters.too.many': 'too_large',
  'encoding.unsupported': 'unsupported_media_type',
  'charset.unsupported': 'unsupported_media_type',
};

export const notFound: RequestHandler = () => {
  throw new Problem(requestErrors.not_found);
};

/** Turns everything that was thrown into the one error answer; a fault tells nothing but the request id. */
export function problemHandler(): ErrorRequestHandler {
  return (error, _request, response, next) => {
    if (response.headersSent) return next(error);
    const problem = toProblem(error);
    const { logger } = contextOf(response);
    const level = problem.kind.status >= 500 ? 'error' : 'info';
    logger[level]({ problem: problem.kind.code, ...(level === 'error' ? { err: error } : {}) }, 'refused');
    sendProblem(response, problem);
  };
}

function sendProblem(response: Response, problem: Problem): void {
  const { requestId } = contextOf(response);
  response
    .status(problem.kind.status)
    .set({ 'Cache-Control': 'no-store', ...challenge(problem), ...problem.options.headers })
    .type('application/problem+json')
    .send(JSON.stringify(problemDocument(problem, requestId)));
}

/** A 401 names how to authenticate (RFC 9110 §15.5.2, RFC 6750 §3). */
function challenge(problem: Problem): Record<string, string> {
  if (problem.kind.status !== 401) return {};
  const error = problem.kind.code === 'token.invalid' ? ', error="invalid_token"' : '';
  return { 'WWW-Authenticate': `Bearer realm="nx-identity"${error}` };
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { type, status } = error as { type?: string; status?: number };
  const known = type === undefined ? undefined : PARSER_PROBLEMS[type];
  if (known) return new Problem(requestErrors[known]);
  const isClientFault = error instanceof URIError || (status !== undefined && status >= 400 && status < 500);
  return new Problem(isClientFault ? requestErrors.malformed : requestErrors.internal, { cause: error });
}
