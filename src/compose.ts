import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { devInboxRoutes } from './administration/dev-inbox-routes.js';
import { healthRoutes } from './administration/health-routes.js';
import { observeKeys, observeParts } from './administration/observe.js';
import { createReadiness, type Readiness } from './administration/readiness.js';
import { composeAudit } from './compose-audit.js';
import { composeBridge } from './compose-bridge.js';
import { composeMessaging } from './compose-messaging.js';
import { composeOtp } from './compose-otp.js';
import { composeInternal, composeServices } from './compose-services.js';
import { composeSessions } from './compose-sessions.js';
import { composeSignIn } from './compose-sign-in.js';
import { createSnowflake } from './database/snowflake.js';
import { createWorkerLease, type WorkerLease } from './database/worker-lease.js';
import { BASE } from './http/base-path.js';
import { createApp } from './http/create-app.js';
import { describeRoutes } from './http/openapi.js';
import { createDocumentServer, type ServedDocument, staticDocument } from './http/static-documents.js';
import type { Infrastructure } from './infrastructure.js';
import { messageRoutes } from './messaging/index.js';
import { createAuthenticateBearer, createFindCaller } from './sessions/index.js';
import {
  createAccessTokenVerifier,
  createSigner,
  discoveryDocument,
  jwkSet,
  type KeyMaterial,
  type Signer,
} from './tokens/index.js';

/** Sisters may keep the key set for five minutes, and a day when we can't be reached (contract §2). */
const KEYS_CACHE = 'public, max-age=300, stale-while-revalidate=60, stale-if-error=86400';
const DISCOVERY_CACHE = 'public, max-age=300';

export interface ComposedServer {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** The internal listener's (contract §7). */
  handleInternal(request: IncomingMessage, response: ServerResponse): void;
  readiness: Readiness;
  lease: WorkerLease;
  /** Waits for what is written after the answer. */
  settled(): Promise<void>;
}

/** Wires the HTTP service: every dependency is handed over here and nowhere else. */
export async function composeServer(
  infrastructure: Infrastructure,
  keys: KeyMaterial,
): Promise<ComposedServer> {
  const { config, database, logger, metrics } = infrastructure;
  const lease = createWorkerLease({
    database,
    range: config.snowflake.workerIds,
    holder: randomUUID(),
    monotonicNow: () => performance.now(),
    logger,
  });
  const nextId = createSnowflake({ workerId: lease.workerId, floor: lease.floor, now: Date.now });
  const readiness = createReadiness({ probes: infrastructure.probes, logger });
  const accessSigner = await createSigner(keys.accessToken);
  observeParts(metrics, readiness);
  observeKeys(metrics, accessSigner, keys);
  const trail = composeAudit(infrastructure, keys);
  const services = await composeServices(infrastructure, trail);
  const sessions = await composeSessions(infrastructure, keys, accessSigner, nextId, trail);
  const messaging = composeMessaging(infrastructure, keys, nextId);
  const otp = composeOtp(infrastructure, keys, messaging);
  const bridge = composeBridge(infrastructure, { sessions, otp, trail });
  const authenticate = createAuthenticateBearer({
    verifyAccessToken: createAccessTokenVerifier({
      ...config.tokens,
      signers: [accessSigner],
      now: Date.now,
    }),
    findCaller: createFindCaller(database),
  });
  const signIn = await composeSignIn(
    infrastructure,
    { sessions, services, otp, messaging, trail },
    keys,
    authenticate,
  );
  const routes = [
    ...healthRoutes(readiness),
    ...devInboxRoutes(config.devInbox),
    ...signIn,
    ...trail.routes,
    ...messageRoutes({ database, audit: trail.audit, ...messaging }),
    ...messaging.reportRoutes,
  ];
  const app = createApp({
    routes,
    openApi: describeRoutes(routes, config.tokens.issuer),
    trustedHops: config.http.trustedHops,
    corsOrigins: config.http.corsOrigins,
    devTools: config.devTools,
    secureCookies: config.tokens.issuer.startsWith('https:'),
    authenticate: (request) => authenticate(request.get('authorization')),
    serviceGate: services.gate,
    logger,
    metrics,
  });
  const serveDocument = createDocumentServer(publicDocuments(infrastructure, accessSigner));
  return {
    handle: (request, response) => void (serveDocument(request, response) || app(request, response)),
    handleInternal: composeInternal(infrastructure, services, bridge),
    readiness,
    lease,
    settled: trail.settled,
  };
}

/** By exact path; answered from memory before the framework. */
function publicDocuments(
  { config, metrics }: Infrastructure,
  published: Signer,
): Map<string, ServedDocument> {
  const keySet = staticDocument(jwkSet([published]), KEYS_CACHE);
  const discovery = staticDocument(discoveryDocument(config.tokens.issuer, BASE), DISCOVERY_CACHE);
  const documents = {
    '/jw-certs': keySet,
    [`${BASE}/jw-certs`]: keySet,
    '/.well-known/jwks.json': keySet,
    '/.well-known/openid-configuration': discovery,
    '/.well-known/oauth-authorization-server': discovery,
  };
  return new Map(
    Object.entries(documents).map(([path, document]) => [
      path,
      { read: () => document, count: metrics.document(path) },
    ]),
  );
}
