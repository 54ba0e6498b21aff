import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { devInboxRoutes } from './administration/dev-inbox-routes.js';
import { healthRoutes } from './administration/health-routes.js';
import { observeKeys, observeParts } from './administration/observe.js';
import { createReadiness, type Readiness } from './administration/readiness.js';
import { composeAudit } from './compose-audit.js';
import { composeBridge } from './compose-bridge.js';
import { composeConfigurations } from './compose-configurations.js';
import { composeConsents } from './compose-consents.js';
import { composeCustomers } from './compose-customers.js';
import { composeDocuments } from './compose-documents.js';
import { composeKeys, type Keys } from './compose-keys.js';
import { composeMessaging } from './compose-messaging.js';
import { composeNews } from './compose-news.js';
import { composeNotices } from './compose-notices.js';
import { composeOrganizations } from './compose-organizations.js';
import { composeOtp } from './compose-otp.js';
import { composePolicies, type Policies } from './compose-policies.js';
import { composeRegistrations } from './compose-registrations.js';
import { composeInternal, composeServices } from './compose-services.js';
import { composeSessions } from './compose-sessions.js';
import { composeSignIn } from './compose-sign-in.js';
import { composeStatusLists, type StatusLists } from './compose-status-lists.js';
import { composeUsers } from './compose-users.js';
import { createSnowflake } from './database/snowflake.js';
import { createWorkerLease, type WorkerLease } from './database/worker-lease.js';
import { requestErrors } from './errors/request-errors.js';
import { createApp } from './http/create-app.js';
import { type AccessProblems, describeRoutes } from './http/openapi.js';
import { createDocumentServer } from './http/static-documents.js';
import type { Infrastructure } from './infrastructure.js';
import { messageRoutes } from './messaging/index.js';
import type { Running } from './running.js';
import { createFindByToken, serviceErrors } from './services/index.js';
import {
  createAuthenticateBearer,
  createFindCaller,
  ownSessionRoutes,
  peopleSessionRoutes,
  requireRecentSignIn,
  revokeTokens,
  sessionErrors,
} from './sessions/index.js';
import {
  createAccessTokenVerifier,
  createSigner,
  createSystemTokenReader,
  type KeyMaterial,
  tokenErrors,
} from './tokens/index.js';

/** This service among the registered ones: whom a system token is for that is shown here. */
const SELF = 'nx-identity';

const ACCESS_PROBLEMS: AccessProblems = {
  person: [tokenErrors.missing, tokenErrors.invalid, sessionErrors.ended, tokenErrors.wrong_kind],
  recentSignIn: tokenErrors.insufficient_user_authentication,
  service: [...Object.values(serviceErrors), requestErrors.too_many],
};

export interface ComposedServer {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** The internal listener's (contract §7). */
  handleInternal(request: IncomingMessage, response: ServerResponse): void;
  readiness: Readiness;
  lease: WorkerLease;
  statusLists: StatusLists;
  keys: Keys;
  /** Ends the waiting of whoever asked for changes of rights. */
  policyFeed: Policies['feed'];
  closeSenders(): void;
  /** Begins to act on what Keycloak tells. */
  startDesk(): Running;
  /** Waits for what is written after the answer. */
  settled(): Promise<void>;
}

/** Wires the HTTP service: every dependency is handed over here and nowhere else. */
export async function composeServer(
  infrastructure: Infrastructure,
  material: KeyMaterial,
): Promise<ComposedServer> {
  const { config, database, logger, metrics, traces } = infrastructure;
  const replicaId = randomUUID();
  const lease = createWorkerLease({
    database,
    range: config.snowflake.workerIds,
    holder: replicaId,
    monotonicNow: () => performance.now(),
    logger,
  });
  const nextId = createSnowflake({ workerId: lease.workerId, floor: lease.floor, now: Date.now });
  const keys = await composeKeys(infrastructure, material, replicaId);
  const { ring } = keys;
  const accountSigner = await createSigner(material.accountToken);
  const probes = { ...infrastructure.probes, keys: async () => ring.isUsable() };
  const readiness = createReadiness({ probes, logger });
  observeParts(metrics, readiness);
  observeKeys(metrics, keys);
  const trail = composeAudit(infrastructure, material);
  const services = await composeServices(infrastructure, trail);
  const onRightsTaken = config.policies.revokeOnLoss ? revokeTokens : async () => undefined;
  const policies = composePolicies(infrastructure, trail, nextId, onRightsTaken);
  const statusLists = await composeStatusLists(infrastructure, material, keys);
  const { currentSigner } = ring;
  const sessions = await composeSessions(
    infrastructure,
    material,
    { currentSigner, accountSigner },
    nextId,
    trail,
  );
  const messaging = composeMessaging(infrastructure, material, nextId);
  const otp = composeOtp(infrastructure, material, messaging);
  const bridge = composeBridge(infrastructure, { sessions, otp, trail });
  const verifying = { ...config.tokens, now: Date.now };
  const notices = composeNotices(infrastructure, messaging, material);
  const news = composeNews(infrastructure, { sessions, messaging, notices, trail });
  const authenticate = createAuthenticateBearer({
    verifyAccessToken: createAccessTokenVerifier({
      ...verifying,
      findKey: ring.findPublished,
      kinds: ['platform', 'branch'],
    }),
    verifyAccountToken: createAccessTokenVerifier({
      ...verifying,
      findKey: (kid) => (kid === accountSigner.kid ? accountSigner : undefined),
      kinds: ['account'],
    }),
    findCaller: createFindCaller(database),
  });
  const signIn = await composeSignIn(
    infrastructure,
    { sessions, services, otp, notices, trail },
    material,
    authenticate,
  );
  const routes = [
    ...healthRoutes(readiness),
    ...devInboxRoutes(config.devInbox),
    ...signIn,
    ...ownSessionRoutes(sessions),
    ...peopleSessionRoutes({ sql: database, audit: trail.audit, ...sessions }),
    ...policies.routes,
    ...statusLists.routes,
    ...trail.routes,
    ...keys.routes,
    ...messageRoutes({ database, audit: trail.audit, ...messaging }),
    ...messaging.reportRoutes,
    ...composeConsents(infrastructure, trail, nextId),
    ...composeRegistrations(infrastructure, trail, services, policies, nextId),
    ...composeConfigurations(infrastructure, trail, messaging, policies, nextId),
    ...composeOrganizations(infrastructure, { trail, policies, messaging, nextId, onRightsTaken }),
    ...composeUsers(infrastructure, { trail, policies, sessions }),
    ...composeCustomers(infrastructure, trail, policies.permit, nextId),
  ];
  const app = createApp({
    routes,
    openApi: describeRoutes(routes, config.tokens.issuer, ACCESS_PROBLEMS),
    trustedHops: config.http.trustedHops,
    corsOrigins: config.http.corsOrigins,
    devTools: config.devTools,
    secureCookies: config.tokens.issuer.startsWith('https:'),
    personGate: {
      authenticate: (request, kinds) => authenticate(request.get('authorization'), kinds),
      requireRecentSignIn: (caller) => requireRecentSignIn(caller, Date.now),
    },
    serviceGate: services.gate,
    findServiceByToken: createFindByToken({
      readToken: createSystemTokenReader({ ...verifying, audience: SELF, findKey: ring.findPublished }),
      store: services.store,
    }),
    logger,
    metrics,
    traces,
  });
  const documents = composeDocuments(infrastructure, ring, accountSigner);
  const serveDocument = createDocumentServer(new Map(Object.entries(documents)));
  return {
    handle: (request, response) => void (serveDocument(request, response) || app(request, response)),
    handleInternal: composeInternal(infrastructure, services, [...bridge, ...news.routes]),
    readiness,
    lease,
    statusLists,
    keys,
    policyFeed: policies.feed,
    closeSenders: messaging.closeSenders,
    startDesk: news.startDesk,
    settled: trail.settled,
  };
}
