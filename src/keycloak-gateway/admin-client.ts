import KcAdminClient, { NetworkError } from '@keycloak/keycloak-admin-client';
import type { Configuration } from 'openid-client';
import { Problem } from '../errors/problem.js';
import { keycloakUnavailable } from './errors.js';
import type { KeycloakSettings } from './oidc-client.js';
import { createServiceAccountToken } from './service-account-token.js';

/** The admin interface by our service account, which may look at and manage users and sessions, nothing else. */
export function createAdminClient(settings: KeycloakSettings, oidc: Configuration): KcAdminClient {
  const client = new KcAdminClient({
    baseUrl: settings.url,
    realmName: settings.realm,
    timeout: settings.timeoutMs,
  });
  client.registerTokenProvider({ getAccessToken: createServiceAccountToken(oidc) });
  return client;
}

/** The status that Keycloak answered with, if it answered. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof NetworkError ? error.response.status : undefined;

/** @throws Problem `keycloak.unavailable` (503) for whatever is not a refusal that `call` itself understood */
export async function guarded<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof Problem ? error : keycloakUnavailable(error);
  }
}

/** What is gone already counts as done. */
export async function ignoreMissing(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (statusOf(error) !== 404) throw error;
  });
}
