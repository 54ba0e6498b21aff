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
import { composeStatusLists, type StatusLists } from './compose-status-lists.js';
import { createSnowflake } from './database/snowflake.js';
import { createWorkerLease, type WorkerLease } from './database/worker-lease.js';
import { BASE } from './http/base-path.js';
import { createApp } from './http/create-app.js';
import { describeRoutes } from './http/openapi.js';
import { createDocumentServer, type ServedDocument, staticDocument } from './http/static-documents.js';
import type { Infrastructure } from './infrastructure.js';
import { messageRoutes } from './messaging/index.js';
import {
  createAuthenticateBearer,
  createFindCaller,
  ownSessionRoutes,
  peopleSessionRoutes,
} from './sessions/index.js';
import {
  createAccessTokenVerifier,
  createSigner,
  discoveryDocument,
  JWK_SET_CACHE,
  jwkSet,
  type KeyMaterial,
  type Signer,
} from './tokens/index.js';

const DISCOVERY_CACHE = 'public, max-age=300';

export interface ComposedServer {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** The internal listener's (contract §7). */
  handleInternal(request: IncomingMessage, response: ServerResponse): void;
  readiness: Readiness;
  lease: WorkerLease;
  statusLists: StatusLists;
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
  const accountSigner = await createSigner(keys.accountToken);
  observeParts(metrics, readiness);
  observeKeys(metrics, accessSigner, keys);
  const trail = composeAudit(infrastructure, keys);
  const services = await composeServices(infrastructure, trail);
  const statusLists = await composeStatusLists(infrastructure, keys);
  const sessions = await composeSessions(
    infrastructure,
    keys,
    { accessSigner, accountSigner },
    nextId,
    trail,
  );
  const messaging = composeMessaging(infrastructure, keys, nextId);
  const otp = composeOtp(infrastructure, keys, messaging);
  const bridge = composeBridge(infrastructure, { sessions, otp, trail });
  const verifying = { ...config.tokens, now: Date.now };
  const authenticate = createAuthenticateBearer({
    verifyAccessToken: createAccessTokenVerifier({
      ...verifying,
      signers: [accessSigner],
      kinds: ['platform', 'branch'],
    }),
    verifyAccountToken: createAccessTokenVerifier({
      ...verifying,
      signers: [accountSigner],
      kinds: ['account'],
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
    ...ownSessionRoutes(sessions),
    ...peopleSessionRoutes({ sql: database, audit: trail.audit, ...sessions }),
    ...statusLists.routes,
    ...trail.routes,
    ...messageRoutes({ database, audit: trail.audit, ...messaging }),
  ];
  const app = createApp({
    routes,
    openApi: describeRoutes(routes, config.tokens.issuer),
    trustedHops: config.http.trustedHops,
    corsOrigins: config.http.corsOrigins,
    devTools: config.devTools,
    secureCookies: config.tokens.issuer.startsWith('https:'),
    authenticate: (request, kinds) => authenticate(request.get('authorization'), kinds),
    serviceGate: services.gate,
    logger,
    metrics,
  });
  const documents = {
    ...publicDocuments(infrastructure, accessSigner, accountSigner),
    ...statusLists.documents,
  };
  const serveDocument = createDocumentServer(new Map(Object.entries(documents)));
  return {
    handle: (request, response) => void (serveDocument(request, response) || app(request, response)),
    handleInternal: composeInternal(infrastructure, services, bridge),
    readiness,
    lease,
    statusLists,
    settled: trail.settled,
  };
}

/** By exact path; answered from memory before the framework. */
function publicDocuments(
  { config, metrics }: Infrastructure,
  published: Signer,
  accountSigner: Signer,
): Record<string, ServedDocument> {
  const keySet = staticDocument(jwkSet([published]), JWK_SET_CACHE);
  const discovery = staticDocument(discoveryDocument(config.tokens.issuer, BASE), DISCOVERY_CACHE);
  const documents = {
    '/jw-certs': keySet,
    [`${BASE}/jw-certs`]: keySet,
    '/.well-known/jwks.json': keySet,
    '/.well-known/openid-configuration': discovery,
    '/.well-known/oauth-authorization-server': discovery,
    ...(config.tokens.publishAccountKey
      ? { '/.well-known/account-jwks.json': staticDocument(jwkSet([accountSigner]), JWK_SET_CACHE) }
      : {}),
  };
  return Object.fromEntries(
    Object.entries(documents).map(([path, document]) => [
      path,
      { read: () => document, count: metrics.document(path) },
    ]),
  );
}
