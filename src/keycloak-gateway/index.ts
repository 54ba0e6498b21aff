export { createKeycloakAdmin, type KeycloakAdmin } from './admin.js';
export { keycloakErrors } from './errors.js';
export { createFirstPartyGrant, type SignInWithPassword } from './first-party-grant.js';
export { createKeycloakTokenVerifier } from './keycloak-access-token.js';
export { type KeycloakIdentity, type KeycloakProfile, readIdentity } from './keycloak-identity.js';
export { createKeycloakSessions, type KeycloakSessions } from './keycloak-session.js';
export type { MeasureCall } from './measure-call.js';
export { createOidcClient, keycloakAddresses } from './oidc-client.js';
export { createRealmOwner, type RealmOwner } from './realm-owner.js';
