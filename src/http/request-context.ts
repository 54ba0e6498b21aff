import type { RequestHandler, Response } from 'express';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Traces } from '../telemetry/traces.js';
import { requestIdFrom } from './request-id.js';

/** What a request carries along: kept in `response.locals`, written to the log line when it ends. */
export interface RequestContext {
  requestId: string;
  logger: Logger;
  /** Fields for the request's log line (R5), such as `userId`; never a secret. */
  note(fields: Record<string, string>): void;
}

/** What nginx calls a request whose client went away before the answer. */
const CLIENT_GONE = 499;

/** Takes a well-formed `X-Request-Id`, makes one otherwise, answers it; logs and counts the request once. */
export function requestContext(options: {
  logger: Logger;
  metrics: Pick<Metrics, 'request'>;
  traces?: Traces | undefined;
}): RequestHandler {
  const { logger, metrics, traces } = options;
  return (request, response, next) => {
    const requestId = requestIdFrom(request.headers['x-request-id']);
    const fields: Record<string, string> = {};
    const child = logger.child({ requestId });
    const context: RequestContext = {
      requestId,
      logger: child,
      note: (more) => void Object.assign(fields, more),
    };
    response.locals.context = context;
    response.setHeader('X-Request-Id', requestId);
    const span = traces?.request({ requestId, headers: request.headers });
    const started = performance.now();
    response.on('close', () => {
      const ms = performance.now() - started;
      const seen = {
        method: request.method,
        route: (response.locals.route as string | undefined) ?? 'unmatched',
        status: response.writableFinished ? response.statusCode : CLIENT_GONE,
      };
      child.info({ ...fields, ...seen, ms: Math.round(ms) }, 'request');
      metrics.request(seen, ms / 1000);
      span?.end(seen);
    });
    if (span) span.run(next);
    else next();
  };
}

export function contextOf(response: Response): RequestContext {
  return response.locals.context as RequestContext;
}
