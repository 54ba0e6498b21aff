import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { healthRoutes } from './administration/health-routes.js';
import { createReadiness, type Readiness } from './administration/readiness.js';
import type { Config } from './config/config.js';
import { createSealedText } from './database/sealed-text.js';
import { createSnowflake, type NextId } from './database/snowflake.js';
import { spendOnce } from './database/spend-once.js';
import { createWorkerLease, type WorkerLease } from './database/worker-lease.js';
import { BASE } from './http/base-path.js';
import { createApp } from './http/create-app.js';
import { byAddress, createLimits } from './http/limits.js';
import { describeRoutes } from './http/openapi.js';
import { createDocumentServer, type StaticDocument, staticDocument } from './http/static-documents.js';
import type { Infrastructure } from './infrastructure.js';
import {
  createFirstPartyGrant,
  createHostedLogin,
  createLogoutTokenReader,
  createRealmVerifier,
} from './keycloak-gateway/index.js';
import { backchannelLogoutRoute } from './keycloak-news/index.js';
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
  authorizationCodeGrant,
  createEstablishSession,
  createExchange,
  createFinishLogin,
  createIsRegisteredRedirect,
  createLoginStates,
  createOneTimeCodes,
  createPasswordSignIn,
  createRefresh,
  createRefreshCookie,
  createRegisteredClient,
  createStartLogin,
  hostedRoutes,
  identifierKey,
  sessionKey,
  signInRoutes,
  tokenEndpoint,
  tokenExchangeGrant,
} from './sign-in/index.js';
import {
  createAccessTokenMinter,
  createAccessTokenVerifier,
  createRefreshTokens,
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
  readiness: Readiness;
  lease: WorkerLease;
}

/** Wires the HTTP service: every dependency is handed over here and nowhere else. */
export async function composeServer(
  infrastructure: Infrastructure,
  keys: KeyMaterial,
): Promise<ComposedServer> {
  const { config, database, logger } = infrastructure;
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
  const routes = [
    ...healthRoutes(readiness),
    ...(await composeSignIn(infrastructure, keys, accessSigner, nextId)),
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
    devTools: config.devTools,
    secureCookies: config.tokens.issuer.startsWith('https:'),
    authenticate: (request) => authenticate(request.get('authorization')),
    logger,
  });
  const serveDocument = createDocumentServer(publicDocuments(config, accessSigner));
  return {
    handle: (request, response) => void (serveDocument(request, response) || app(request, response)),
    readiness,
    lease,
  };
}

async function composeSignIn(
  infrastructure: Infrastructure,
  keys: KeyMaterial,
  accessSigner: Signer,
  nextId: NextId,
) {
  const { config, database, redis, oidc, admin, keycloakSessions, logger } = infrastructure;
  const { issuer } = config.tokens;
  const now = Date.now;
  const sealed = createSealedText(keys.sessionEncryption);
  const mintAccessToken = createAccessTokenMinter({
    signer: accessSigner,
    settings: config.tokens,
    now,
    newJti: () => randomBytes(16).toString('base64url'),
  });
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
    hostedByAddress: limit({
      name: 'hosted-sign-in-address',
      perMinute: 2 * config.limits.signInPerAddress, // one sign-in is two calls: there and back
      key: byAddress,
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
  const establish = createEstablishSession({ people, openSession, nextId });
  const issueTokens = createIssueTokens({ mintAccessToken, refreshTokens, now });
  const endSessions = createEndSessions({ database, keycloak: admin, logger });
  const codes = createOneTimeCodes(database);
  const states = createLoginStates({ sealed: createSealedText(keys.loginState), now });
  const hosted = createHostedLogin(oidc, `${issuer}${BASE}/auth/callback`);
  const verifyRealmToken = createRealmVerifier(config.keycloak);
  const signIn = createPasswordSignIn({
    askKeycloak: createFirstPartyGrant({ oidc, deadlineMs: config.keycloak.timeoutMs }),
    keycloak: admin,
    establish,
    hostedPageUrl: (clientId) => `${issuer}${BASE}/auth/login?client_id=${encodeURIComponent(clientId)}`,
    logger,
  });
  const refreshSession = createRefreshSession({
    database,
    sealed,
    keycloak: keycloakSessions,
    graceS: config.sessions.refreshGraceS,
    recheckS: config.sessions.keycloakRecheckS,
  });
  const exchange = createExchange({
    verifyKeycloakToken: (token) => verifyRealmToken(token, { requiredClaims: ['exp', 'iat', 'sub'] }),
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
      endSessions,
      findPerson: createFindCaller(database),
      registeredClient: createRegisteredClient(database),
      issueTokens,
      cookie,
      limits,
    }),
    ...hostedRoutes({
      startLogin: createStartLogin({
        isRegistered: createIsRegisteredRedirect(database),
        states,
        keycloak: hosted,
        issuer,
      }),
      finishLogin: createFinishLogin({
        database,
        spendOnce,
        states,
        keycloak: hosted,
        admin,
        establish,
        codes,
        issuer,
      }),
      issueTokens,
      refreshCookie: cookie,
      secure: issuer.startsWith('https:'),
      limits: [limits.hostedByAddress],
    }),
    tokenEndpoint({
      grants: [
        authorizationCodeGrant({ codes, endSessions, issueTokens }),
        tokenExchangeGrant({ exchange, audience: config.tokens.audience }),
      ],
      limits: [limits.refreshByAddress],
    }),
    backchannelLogoutRoute({
      database,
      spendOnce,
      readLogoutToken: createLogoutTokenReader(verifyRealmToken),
      endSessions,
    }),
  ];
}

/** By exact path; answered from memory before the framework. */
function publicDocuments(config: Config, published: Signer): Map<string, () => StaticDocument> {
  const keySet = staticDocument(jwkSet([published]), KEYS_CACHE);
  const discovery = staticDocument(discoveryDocument(config.tokens.issuer, BASE), DISCOVERY_CACHE);
  return new Map([
    ...['/jw-certs', `${BASE}/jw-certs`, '/.well-known/jwks.json'].map(
      (path) => [path, () => keySet] as const,
    ),
    ...['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'].map(
      (path) => [path, () => discovery] as const,
    ),
  ]);
}
