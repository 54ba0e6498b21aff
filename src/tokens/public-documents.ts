import type { Signer } from './signer.js';

/** Sisters may keep a key set for five minutes, and a day when we can't be reached (contract §2). */
export const JWK_SET_CACHE = 'public, max-age=300, stale-while-revalidate=60, stale-if-error=86400';

/** `/jw-certs`: the public halves of what may sign access tokens, and nothing else (T1, D1). */
export function jwkSet(published: readonly Signer[]): { keys: object[] } {
  return { keys: published.map((signer) => signer.publicJwk) };
}

/**
 * Metadata by which a stock resource server configures itself (T11): RFC 8414 and OpenID Connect Discovery §3,
 * which makes authorization endpoint, response types, subject types and ID token algorithms obligatory.
 */
export function discoveryDocument(
  issuer: string,
  base: string,
  published: readonly Signer[],
): Record<string, unknown> {
  return {
    issuer,
    jwks_uri: `${issuer}/jw-certs`,
    authorization_endpoint: `${issuer}${base}/auth/login`,
    token_endpoint: `${issuer}${base}/auth/token`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: [
      'authorization_code',
      'urn:ietf:params:oauth:grant-type:token-exchange',
      'client_credentials',
    ],
    authorization_response_iss_parameter_supported: true,
    token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
    code_challenge_methods_supported: ['S256'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set(published.map(({ alg }) => alg))],
    claims_supported: [
      'iss',
      'aud',
      'iat',
      'nbf',
      'exp',
      'jti',
      'sub',
      'client_id',
      'userId',
      'roles',
      'organizers',
      'merchants',
      'account_id',
      'account_type',
      'session_id',
      'token_type',
      'token_scope',
      'workspace_id',
      'tenant_id',
      'member_id',
      'active_branch_id',
      'branch_ids',
      'policy_version',
      'amr',
      'auth_time',
      'acr',
      'status',
    ],
    service_documentation: `${issuer}${base}/doc/explorer`,
  };
}
