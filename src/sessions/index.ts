export type { EndReason, LiveSession } from './auth-session.js';
export { type AuthenticateBearer, createAuthenticateBearer } from './authenticate-bearer.js';
export { createEndSessions, type EndSessions, type KeycloakEnd } from './end-session.js';
export { sessionErrors } from './errors.js';
export { createFindCaller, type FindCaller } from './find-caller.js';
export { findLiveSession } from './find-live-session.js';
export { createIssueTokens, type IssuedTokens, type IssueTokens, mintPlatformToken } from './issue-tokens.js';
export { createOpenSession, type OpenSession } from './open-session.js';
export { createRefreshSession, type RefreshSession } from './refresh-session.js';
