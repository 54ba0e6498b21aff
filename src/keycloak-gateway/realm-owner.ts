import KcAdminClient from '@keycloak/keycloak-admin-client';
import { createOidcClient } from './oidc-client.js';
import { createServiceAccountToken } from './service-account-token.js';

/** The migration job's own credential: may change the whole realm, so server and worker never have it. */
export interface RealmOwner {
  url: string;
  /** The realm that the credential belongs to; `master` where the realm itself may have to be made. */
  ownRealm: string;
  clientId: string;
  clientSecret: string;
  /** The realm that is kept. */
  realm: string;
}

/** Longer than a call of a request may take: creating a realm writes a thousand rows. */
const TIMEOUT_MS = 60_000;

/** The admin interface of one realm; every call ends within a minute. Rights are as of the first call's token. */
export function createRealmOwner(owner: RealmOwner): KcAdminClient {
  const { url, ownRealm, clientId, clientSecret } = owner;
  const settings = { url, publicUrl: url, realm: ownRealm, clientId, clientSecret, timeoutMs: TIMEOUT_MS };
  const oidc = createOidcClient(settings, () => {});
  const client = new KcAdminClient({ baseUrl: url, realmName: owner.realm, timeout: TIMEOUT_MS });
  client.registerTokenProvider({ getAccessToken: createServiceAccountToken(oidc) });
  return client;
}
