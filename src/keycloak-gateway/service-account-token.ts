import { type Configuration, clientCredentialsGrant } from 'openid-client';

/** Renew the service account's token this long before it ends. */
const RENEW_BEFORE_MS = 30_000;

/** The admin client can't renew client-credentials tokens by itself: one cached token, one request at a time. */
export function createServiceAccountToken(oidc: Configuration): () => Promise<string> {
  let cached: { token: string; until: number } | undefined;
  let pending: Promise<string> | undefined;
  const fetchToken = async () => {
    const tokens = await clientCredentialsGrant(oidc);
    const lifetime = (tokens.expires_in ?? 60) * 1000;
    cached = {
      token: tokens.access_token,
      until: performance.now() + Math.max(lifetime - RENEW_BEFORE_MS, 1000),
    };
    return cached.token;
  };
  return async () => {
    if (cached && performance.now() < cached.until) return cached.token;
    pending ??= fetchToken().finally(() => {
      pending = undefined;
    });
    return pending;
  };
}
