export { countSignIns } from './count-sign-ins.js';
export { createExchange } from './exchange-token.js';
export { identifierKey, sessionKey } from './limit-keys.js';
export { createRefresh } from './refresh-tokens.js';
export { createRegisteredClient } from './registered-client.js';
export { signInRoutes } from './routes.js';
export { createRefreshCookie } from './session-answer.js';
export { createPasswordSignIn } from './sign-in-with-password.js';
export { tokenEndpoint } from './token-endpoint.js';
