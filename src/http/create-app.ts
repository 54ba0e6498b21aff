import cors from 'cors';
import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import type { Logger } from '../telemetry/logger.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Traces } from '../telemetry/traces.js';
import { mountDemoPage } from './demo-page.js';
import { mountExplorer } from './explorer.js';
import { mountRoutes } from './mount-routes.js';
import { notFound, problemHandler } from './problem-handler.js';
import { requestContext } from './request-context.js';
import type { FindServiceByToken, PersonGate, Route, ServiceGate } from './route.js';

const LONGEST_URL = 8192;

export interface AppOptions {
  routes: readonly Route[];
  /** Undefined: nothing is said about the routes, as on the internal listener. */
  openApi?: object;
  trustedHops: number;
  corsOrigins: readonly string[];
  secureCookies: boolean;
  /** Adds the demo page (contract §3). */
  devTools?: boolean;
  personGate: PersonGate;
  serviceGate: ServiceGate;
  findServiceByToken?: FindServiceByToken;
  /** Whether every request passes the service gate, before its path is even looked at (contract §7). */
  servicesOnly?: boolean;
  logger: Logger;
  metrics: Metrics;
  traces?: Traces | undefined;
}

/** Also what no route matches: Express itself decodes a path only where one does. */
const refuseBentUrls: RequestHandler = (request, _response, next) => {
  if (request.url.length > LONGEST_URL) throw new Problem(requestErrors.uri_too_long);
  decodeURIComponent(request.path); // throws URIError, which is a 400
  next();
};

/** The Express application: context, headers, the declared routes, and one error answer for everything else. */
export function createApp(options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', options.trustedHops); // a hop count; anything wider lets a client choose its address
  app.set('query parser', 'simple');
  app.set('etag', false);
  app.use(requestContext(options));
  app.use(helmet());
  if (options.servicesOnly) app.use(...options.serviceGate.identify);
  app.use(refuseBentUrls);
  app.use(
    cors({
      origin: [...options.corsOrigins],
      credentials: true,
      exposedHeaders: [
        'X-Request-Id',
        'Retry-After',
        'RateLimit',
        'RateLimit-Policy',
        'Content-Range',
        'Link',
        'ETag',
        'X-Response-Count',
        'Content-Disposition',
      ],
    }),
  );
  if (options.openApi) mountExplorer(app, options.openApi);
  if (options.devTools) mountDemoPage(app);
  const { permit, identify } = options.serviceGate;
  const serviceGate = { permit, identify: options.servicesOnly ? [] : identify };
  mountRoutes(app, options.routes, { ...options, serviceGate });
  app.use(notFound);
  app.use(problemHandler());
  return app;
}
