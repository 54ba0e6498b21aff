import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { AuditTrail } from './compose-audit.js';
import { composeBranches } from './compose-branches.js';
import { composeDevices } from './compose-devices.js';
import type { Notices } from './compose-notices.js';
import type { Otp } from './compose-otp.js';
import { composeSelfService } from './compose-self-service.js';
import type { Services } from './compose-services.js';
import type { Sessions } from './compose-sessions.js';
import { createSealedText } from './database/sealed-text.js';
import { spendOnce } from './database/spend-once.js';
import { BASE } from './http/base-path.js';
import { byAddress } from './http/limits.js';
import type { Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import {
  createFirstPartyGrant,
  createHostedLogin,
  createLogoutTokenReader,
  createRealmVerifier,
  keycloakAddresses,
} from './keycloak-gateway/index.js';
import { backchannelLogoutRoute } from './keycloak-news/index.js';
import { createFindAccount } from './people/index.js';
import { type AuthenticateBearer, createFindCaller } from './sessions/index.js';
import {
  authorizationCodeGrant,
  clientCredentialsGrant,
  countRefusedSignIns,
  countSignIns,
  createAnswerBeat,
  createAnswerSession,
  createEstablishSession,
  createExchange,
  createFinishLogin,
  createFirstPartySignIn,
  createIsRegisteredRedirect,
  createLoginStates,
  createOneTimeCodes,
  createReadPresented,
  createRefresh,
  createRefreshCookie,
  createRegisteredClient,
  createSignInByChallenge,
  createStartLogin,
  createTakeCode,
  evenRefusals,
  hostedRoutes,
  identifierKey,
  sessionKey,
  signInRoutes,
  tokenEndpoint,
  tokenExchangeGrant,
} from './sign-in/index.js';
import { createOtpTicketMinter, createSigner, type KeyMaterial } from './tokens/index.js';

interface Domains {
  sessions: Sessions;
  services: Services;
  otp: Otp;
  notices: Notices;
  trail: AuditTrail;
}

/** Wires the ways to sign in, and what Keycloak tells of their sessions. */
export async function composeSignIn(
  infrastructure: Infrastructure,
  { sessions, services, otp, notices, trail }: Domains,
  keys: KeyMaterial,
  authenticate: AuthenticateBearer,
): Promise<Route[]> {
  const { config, database, oidc, admin, keycloakSessions, logger, metrics } = infrastructure;
  const { audit, countRefusal } = trail;
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
  const askAndEstablish = createFirstPartySignIn({
    askKeycloak: createFirstPartyGrant({ oidc, deadlineMs: config.keycloak.timeoutMs }),
    keycloak: admin,
    establish,
    hostedPageUrl: (clientId) => `${issuer}${BASE}/auth/login?client_id=${encodeURIComponent(clientId)}`,
    logger,
  });
  const beat = createAnswerBeat({
    beatMs: config.answerBeatMs,
    monotonicNow: () => performance.now(),
    pause: (ms) => setTimeout(ms),
  });
  const signIn = evenRefusals(
    countSignIns(countRefusedSignIns(askAndEstablish, countRefusal), metrics),
    beat,
  );
  const exchange = createExchange({
    ...sessions,
    verifyKeycloakToken: (token) => verifyRealmToken(token, { requiredClaims: ['exp', 'iat', 'sub'] }),
    keycloak: keycloakSessions,
    findKeycloakPerson: admin.findPerson,
    clients: config.keycloak.exchangeClients,
  });
  const isRegistered = createIsRegisteredRedirect(database);
  const registeredClient = createRegisteredClient(database);
  const readPresented = createReadPresented({
    ...sessions,
    ownOrigins: [issuer, ...config.http.corsOrigins],
  });
  const refresh = createRefresh({ ...sessions, readPresented });
  const answer = createAnswerSession({ issueTokens, cookie });
  const known = await composeDevices(infrastructure, notices, keys, answer);
  const findAccount = createFindAccount({ dormantDays: config.people.phoneDormantDays });
  const takeCode = createTakeCode(otp.verifyCode);
  const signInByChallenge = createSignInByChallenge({
    database,
    findAccount,
    mintTicket: createOtpTicketMinter({
      signer: await createSigner(keys.otpTicket),
      realmIssuer: keycloakAddresses(config.keycloak).issuer,
      clientId: config.keycloak.clientId,
      now: Date.now,
      newJti: randomUUID,
    }),
    signIn,
  });
  return [
    ...signInRoutes({
      signIn,
      takeCode,
      signInByChallenge,
      refresh,
      endSessions,
      findPerson: createFindCaller(database),
      registeredClient,
      answer,
      answerSignIn: known.answerSignIn,
      cookie,
      limits,
    }),
    ...composeBranches(infrastructure, sessions, authenticate, {
      signIn,
      registeredClient,
      refresh,
      readPresented,
      limits,
    }),
    ...composeSelfService(infrastructure, { sessions, otp, notices, trail }, keys, {
      beat,
      authenticate,
      registeredClient,
      ...known,
      limits,
      findAccount,
      takeCode,
      signInByChallenge,
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
      noteDevice: known.noteDevice,
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

function composeLimits({ config, limit }: Infrastructure, { refreshTokens }: Sessions, cookieName: string) {
  const { signInPerAddress, signInPerIdentifier, refreshPerAddress, refreshPerSession, otpPerAddress } =
    config.limits;
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
    otpRequestByAddress: limit({ name: 'otp-request-address', perHour: otpPerAddress, key: byAddress }),
    refreshByAddress: limit({ name: 'refresh-address', perMinute: refreshPerAddress, key: byAddress }),
    refreshBySession: limit({
      name: 'refresh-session',
      perMinute: refreshPerSession,
      key: sessionKey(refreshTokens, cookieName),
    }),
  };
}
