import type { AuditTrail } from './compose-audit.js';
import type { Services } from './compose-services.js';
import type { Sessions } from './compose-sessions.js';
import { createSealedText } from './database/sealed-text.js';
import { spendOnce } from './database/spend-once.js';
import { BASE } from './http/base-path.js';
import { byAddress, createLimits } from './http/limits.js';
import type { Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import {
  createFirstPartyGrant,
  createHostedLogin,
  createLogoutTokenReader,
  createRealmVerifier,
} from './keycloak-gateway/index.js';
import { backchannelLogoutRoute } from './keycloak-news/index.js';
import { createFindCaller } from './sessions/index.js';
import {
  authorizationCodeGrant,
  clientCredentialsGrant,
  countRefusedSignIns,
  countSignIns,
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
import type { KeyMaterial } from './tokens/index.js';

/** Wires the ways to sign in, and what Keycloak tells of their sessions. */
export function composeSignIn(
  infrastructure: Infrastructure,
  sessions: Sessions,
  keys: KeyMaterial,
  services: Services,
  { audit, countRefusal }: Pick<AuditTrail, 'audit' | 'countRefusal'>,
): Route[] {
  const { config, database, oidc, admin, keycloakSessions, logger, metrics } = infrastructure;
  const { endSessions, issueTokens } = sessions;
  const { issuer } = config.tokens;
  const secure = issuer.startsWith('https:');
  const cookie = createRefreshCookie({ secure, path: `${BASE}/auth` });
  const limits = composeLimits(infrastructure, sessions, cookie.name);
  const establish = createEstablishSession(sessions);
  const codes = createOneTimeCodes(database);
  const states = createLoginStates({ sealed: createSealedText(keys.loginState), now: Date.now });
  const hosted = createHostedLogin(oidc, `${issuer}${BASE}/auth/callback`);
  const verifyRealmToken = createRealmVerifier(config.keycloak);
  const signIn = createPasswordSignIn({
    askKeycloak: createFirstPartyGrant({ oidc, deadlineMs: config.keycloak.timeoutMs }),
    keycloak: admin,
    establish,
    hostedPageUrl: (clientId) => `${issuer}${BASE}/auth/login?client_id=${encodeURIComponent(clientId)}`,
    logger,
  });
  const exchange = createExchange({
    ...sessions,
    verifyKeycloakToken: (token) => verifyRealmToken(token, { requiredClaims: ['exp', 'iat', 'sub'] }),
    keycloak: keycloakSessions,
    findKeycloakPerson: admin.findPerson,
    clients: config.keycloak.exchangeClients,
  });
  const isRegistered = createIsRegisteredRedirect(database);
  return [
    ...signInRoutes({
      signIn: countSignIns(countRefusedSignIns(signIn, countRefusal), metrics),
      refresh: createRefresh({ ...sessions, ownOrigins: [issuer, ...config.http.corsOrigins] }),
      endSessions,
      findPerson: createFindCaller(database),
      registeredClient: createRegisteredClient(database),
      issueTokens,
      cookie,
      limits,
    }),
    ...hostedRoutes({
      startLogin: createStartLogin({ isRegistered, states, keycloak: hosted, issuer }),
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
      secure,
      limits: [limits.hostedByAddress],
      countRefusal,
    }),
    tokenEndpoint({
      grants: [
        authorizationCodeGrant({ codes, endSessions, issueTokens }),
        tokenExchangeGrant({ exchange, audience: config.tokens.audience }),
        clientCredentialsGrant({
          services: services.service,
          store: services.store,
          mintSystemToken: sessions.mintSystemToken,
          database,
          audit,
          limits: services.limits,
        }),
      ],
      limits: [limits.refreshByAddress],
      countRefusal,
    }),
    backchannelLogoutRoute({
      database,
      spendOnce,
      readLogoutToken: createLogoutTokenReader(verifyRealmToken),
      endSessions,
    }),
  ];
}

function composeLimits({ config, redis }: Infrastructure, { refreshTokens }: Sessions, cookieName: string) {
  const limit = createLimits(redis);
  const { signInPerAddress, signInPerIdentifier, refreshPerAddress, refreshPerSession } = config.limits;
  return {
    signInByAddress: limit({ name: 'sign-in-address', perMinute: signInPerAddress, key: byAddress }),
    signInByIdentifier: limit({
      name: 'sign-in-identifier',
      perMinute: signInPerIdentifier,
      key: identifierKey,
    }),
    hostedByAddress: limit({
      name: 'hosted-sign-in-address',
      perMinute: 2 * signInPerAddress, // one sign-in is two calls: there and back
      key: byAddress,
    }),
    refreshByAddress: limit({ name: 'refresh-address', perMinute: refreshPerAddress, key: byAddress }),
    refreshBySession: limit({
      name: 'refresh-session',
      perMinute: refreshPerSession,
      key: sessionKey(refreshTokens, cookieName),
    }),
  };
}
