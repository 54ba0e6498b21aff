export { createKeycloakAccounts, type KeycloakAccounts, type ProvenIdentifier } from './accounts.js';
export { createKeycloakAdmin, type KeycloakAdmin } from './admin.js';
export { createAdminClient } from './admin-client.js';
export { keycloakErrors, keycloakUnavailable } from './errors.js';
export {
  type AskFirstParty,
  createFirstPartyGrant,
  type FirstPartyCredential,
} from './first-party-grant.js';
export { createHostedLogin, type HostedLogin, type PageWishes, type Trip } from './hosted-login.js';
export {
  createImportedAccounts,
  type ImportedAccounts,
  type PasswordHash,
} from './imported-accounts.js';
export { type KeycloakIdentity, type KeycloakProfile, readIdentity } from './keycloak-identity.js';
export { createKeycloakSessions, type KeycloakSessions, type SessionCheck } from './keycloak-session.js';
export { createLogoutTokenReader, LOGOUT_TOKEN_LIFE_S, type LogoutToken } from './logout-token.js';
export type { MeasureCall } from './measure-call.js';
export { createOidcClient, keycloakAddresses } from './oidc-client.js';
export { createRealmVerifier, type VerifyRealmToken } from './realm-keys.js';
export { createRealmOwner, type RealmOwner } from './realm-owner.js';
export { createKeycloakStandings, type KeycloakStandings, type Standing } from './standings.js';
export {
  createStoredEvents,
  type StoredAdminEvent,
  type StoredEvents,
  type StoredUserEvent,
} from './stored-events.js';
export { traceKeycloak } from './trace-keycloak.js';
export { createVerifyPassword, type VerifyPassword } from './verify-password.js';
