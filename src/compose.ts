import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { healthRoutes } from './administration/health-routes.js';
import { observeKeys, observeParts } from './administration/observe.js';
import { createReadiness, type Readiness } from './administration/readiness.js';
import { composeInternal, composeServices, type Services } from './compose-services.js';
import { createSealedText } from './database/sealed-text.js';
import { createSnowflake, type NextId } from './database/snowflake.js';
import { createWorkerLease, type WorkerLease } from './database/worker-lease.js';
import { BASE } from './http/base-path.js';
import { createApp } from './http/create-app.js';
import { byAddress, createLimits } from './http/limits.js';
import { describeRoutes } from './http/openapi.js';
import { createDocumentServer, type ServedDocument, staticDocument } from './http/static-documents.js';
import type { Infrastructure } from './infrastructure.js';
import { createFirstPartyGrant, createKeycloakTokenVerifier } from './keycloak-gateway/index.js';
import { createEnsurePerson } from './people/index.js';
import { assignDefaultRole } from './policies/index.js';
import {
  createAuthenticateBearer,
  createEndSessions,
  createFindCaller,
  createIssueTokens,
  createOpenSession,
  createRefreshSession,
} from './sessions/index.js';
import {
  CLIENT_CREDENTIALS,
  clientCredentialsGrant,
  countSignIns,
  createExchange,
  createPasswordSignIn,
  createRefresh,
  createRefreshCookie,
  createRegisteredClient,
  exchangeGrant,
  identifierKey,
  sessionKey,
  signInRoutes,
  TOKEN_EXCHANGE,
  tokenEndpoint,
} from './sign-in/index.js';
import {
  createAccessTokenMinter,
  createAccessTokenVerifier,
  createRefreshTokens,
  createSigner,
  createSystemTokenMinter,
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
  const services = await composeServices(infrastructure);
  const routes = [
    ...healthRoutes(readiness),
    ...(await composeSignIn(infrastructure, keys, accessSigner, nextId, services)),
  ];
  const authenticate = createAuthenticateBearer({
    verifyAccessToken: createAccessTokenVerifier({
      ...config.tokens,
      signers: [accessSigner],
      now: Date.now,
    }),
    findCaller: createFindCaller(database),
  });
  const app = createApp({
    routes,
    openApi: describeRoutes(routes, config.tokens.issuer),
    trustedHops: config.http.trustedHops,
    corsOrigins: config.http.corsOrigins,
    secureCookies: config.tokens.issuer.startsWith('https:'),
    authenticate: (request) => authenticate(request.get('authorization')),
    serviceGate: services.gate,
    logger,
    metrics,
  });
  const serveDocument = createDocumentServer(publicDocuments(infrastructure, accessSigner));
  return {
    handle: (request, response) => void (serveDocument(request, response) || app(request, response)),
    handleInternal: composeInternal(infrastructure, services),
    readiness,
    lease,
  };
}

async function composeSignIn(
  infrastructure: Infrastructure,
  keys: KeyMaterial,
  accessSigner: Signer,
  nextId: NextId,
  services: Services,
) {
  const { config, database, redis, oidc, admin, keycloakSessions, logger, metrics } = infrastructure;
  const { issuer } = config.tokens;
  const now = Date.now;
  const sealed = createSealedText(keys.sessionEncryption);
  const minting = {
    signer: accessSigner,
    settings: config.tokens,
    now,
    newJti: () => randomBytes(16).toString('base64url'),
  };
  const mintAccessToken = createAccessTokenMinter(minting);
  const refreshTokens = createRefreshTokens({ signer: await createSigner(keys.refreshToken), issuer, now });
  const openSession = createOpenSession({ database, sealed, absoluteTtlS: config.sessions.absoluteTtlS });
  const people = createEnsurePerson({
    database,
    nextId,
    onFirstArrival: (sql, userId) => assignDefaultRole(sql, userId, nextId()),
  });
  const cookie = createRefreshCookie({ secure: issuer.startsWith('https:'), path: `${BASE}/auth` });
  const limit = createLimits(redis);
  const limits = {
    signInByAddress: limit({
      name: 'sign-in-address',
      perMinute: config.limits.signInPerAddress,
      key: byAddress,
    }),
    signInByIdentifier: limit({
      name: 'sign-in-identifier',
      perMinute: config.limits.signInPerIdentifier,
      key: identifierKey,
    }),
    refreshByAddress: limit({
      name: 'refresh-address',
      perMinute: config.limits.refreshPerAddress,
      key: byAddress,
    }),
    refreshBySession: limit({
      name: 'refresh-session',
      perMinute: config.limits.refreshPerSession,
      key: sessionKey(refreshTokens, cookie.name),
    }),
  };
  const signInUncounted = createPasswordSignIn({
    askKeycloak: createFirstPartyGrant({ oidc, deadlineMs: config.keycloak.timeoutMs }),
    keycloak: admin,
    people,
    openSession,
    nextId,
    hostedPageUrl: (clientId) => `${issuer}${BASE}/auth/login?client_id=${encodeURIComponent(clientId)}`,
    logger,
  });
  const signIn = countSignIns(signInUncounted, metrics);
  const refreshSession = createRefreshSession({
    database,
    sealed,
    keycloak: keycloakSessions,
    graceS: config.sessions.refreshGraceS,
    recheckS: config.sessions.keycloakRecheckS,
  });
  const exchange = createExchange({
    verifyKeycloakToken: createKeycloakTokenVerifier(config.keycloak),
    keycloak: keycloakSessions,
    findKeycloakPerson: admin.findPerson,
    people,
    openSession,
    mintAccessToken,
    nextId,
    clients: config.keycloak.exchangeClients,
  });
  return [
    ...signInRoutes({
      signIn,
      refresh: createRefresh({
        refreshTokens,
        refreshSession,
        ownOrigins: [issuer, ...config.http.corsOrigins],
      }),
      endSessions: createEndSessions({ database, keycloak: admin, logger }),
      findPerson: createFindCaller(database),
      registeredClient: createRegisteredClient(database),
      issueTokens: createIssueTokens({ mintAccessToken, refreshTokens, now }),
      cookie,
      limits,
    }),
    tokenEndpoint({
      grants: {
        [TOKEN_EXCHANGE]: exchangeGrant({ exchange, audience: config.tokens.audience }),
        [CLIENT_CREDENTIALS]: clientCredentialsGrant({
          services: services.service,
          store: services.store,
          mintSystemToken: createSystemTokenMinter(minting),
        }),
      },
      limits: [limits.refreshByAddress],
      serviceLimits: services.limits,
    }),
  ];
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
