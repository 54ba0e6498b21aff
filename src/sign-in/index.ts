export { type AnswerBeat, createAnswerBeat, evenRefusals, evenSignUps } from './answer-beat.js';
export { createAnswerInDialect } from './branches/branch-answer.js';
export { branchRoutes, DIALECT } from './branches/branch-routes.js';
export { createDescribeContext } from './branches/describe-context.js';
export { identifierByShape } from './branches/identifier-by-shape.js';
export { createLogOut } from './branches/log-out.js';
export { bridgeRoutes } from './bridge/bridge-routes.js';
export { createStartPageCode } from './bridge/start-page-code.js';
export { createUsePageCode } from './bridge/use-page-code.js';
export { chooseLanguage } from './choose-language.js';
export { countRefusedSignIns } from './count-refused-sign-ins.js';
export { countSignIns } from './count-sign-ins.js';
export { createEstablishSession } from './establish-session.js';
export { createFinishLogin } from './hosted/finish-login.js';
export { hostedRoutes } from './hosted/hosted-routes.js';
export { createLoginStates } from './hosted/login-state.js';
export { createOneTimeCodes } from './hosted/one-time-code.js';
export { createIsRegisteredRedirect } from './hosted/registered-redirect.js';
export { createStartLogin } from './hosted/start-login.js';
export {
  type AnswerSignIn,
  createDeviceCookie,
  createKnownDevices,
  type FindKnownDevice,
} from './known-device.js';
export { identifierKey, sessionKey, visitorKey } from './limit-keys.js';
export { type CodeTarget, readCodeTarget } from './otp/code-target.js';
export { createGuardedPromise } from './otp/guard-promise.js';
export { type OtpRoutes, otpRoutes } from './otp/otp-routes.js';
export { codePurpose, createPromiseCode } from './otp/promise-code.js';
export { createRequestCode } from './otp/request-code.js';
export { createSendCode } from './otp/send-code.js';
export {
  createSignInByChallenge,
  provenIdentifier,
  type SignInByChallenge,
} from './otp/sign-in-by-challenge.js';
export { createTakeCode, type TakeCode } from './otp/take-code.js';
export { type CodeUses, createUseCode } from './otp/use-code.js';
export { createReadPresented } from './presented-refresh-token.js';
export { createRefresh } from './refresh-tokens.js';
export { createRegisteredClient, DEFAULT_CLIENT } from './registered-client.js';
export { signInRoutes } from './routes.js';
export { createChangeIdentifier } from './self-service/change-identifier.js';
export { createChangePassword } from './self-service/change-password.js';
export { findSelf } from './self-service/find-self.js';
export { createNotMeLinks, type NotMeLinks } from './self-service/not-me-link.js';
export { NOT_ME_PAGE, notMeRoutes } from './self-service/not-me-routes.js';
export { createNotify, type Notify } from './self-service/notify.js';
export { createProveEmail, findUnproven } from './self-service/prove-email.js';
export { createRequestChange } from './self-service/request-change.js';
export { createResetPassword } from './self-service/reset-password.js';
export { createResetTickets, RESET_TICKET_LIFE_S } from './self-service/reset-ticket.js';
export { selfServiceRoutes } from './self-service/self-service-routes.js';
export { type AnswerSession, createAnswerSession, createRefreshCookie } from './session-answer.js';
export { createFirstPartySignIn } from './sign-in-first-party.js';
export { createSignInPlace } from './sign-in-place.js';
export { createFinishSignUp } from './sign-up/finish-sign-up.js';
export { createProveSignUp } from './sign-up/prove-sign-up.js';
export { createRequestSignUp } from './sign-up/request-sign-up.js';
export { signUpRoute } from './sign-up/sign-up-routes.js';
export { type SignUpStore, signUpStore } from './sign-up/sign-up-store.js';
export { createTendSignUps } from './sign-up/tend-sign-ups.js';
export { authorizationCodeGrant } from './token/authorization-code-grant.js';
export { clientCredentialsGrant } from './token/client-credentials-grant.js';
export { createExchange } from './token/exchange-token.js';
export { tokenEndpoint } from './token/token-endpoint.js';
export { tokenExchangeGrant } from './token/token-exchange-grant.js';
