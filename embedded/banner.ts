import { CONSOLE_ADMIN } from './keycloak-environment.js';
import type { PartsDescription } from './parts.js';
import { secretsPath } from './secrets-file.js';

/** What a newcomer tries first. The curl lines work as pasted. */
export function banner(parts: PartsDescription): string {
  const { url } = parts.service;
  const signIn = JSON.stringify({
    identifier: { scheme: 'email', value: 'owner@demo.test' },
    credential: { scheme: 'password', value: 'Demo-owner-1' },
  });
  const askForCode = JSON.stringify({
    namespace: 'phone-auth',
    identifier: { scheme: 'phone', value: '+84901000001' },
  });
  const consoleAdmin = parts.keycloak.managementUrl
    ? `user ${CONSOLE_ADMIN}, password: keycloakAdminPassword in ${secretsPath(parts.dataDir)}`
    : 'your own Keycloak';
  return `
  nx-identity is ready.

    service            ${url}
    demo page          ${url}/demo
    mail and SMS       ${url}/dev/inbox
    keys               ${url}/jw-certs
    internal calls     http://127.0.0.1:${parts.service.internalPort}/internal/identity
    metrics            http://127.0.0.1:${parts.service.metricsPort}/metrics
    OpenAPI explorer   ${url}/v1/api/identity/doc/explorer
    Keycloak console   ${parts.keycloak.url}/admin/master/console/#/${parts.keycloak.realm}
                       ${consoleAdmin}
    logs               ${parts.dataDir}/logs

  Demo people
    admin@demo.test    Demo-admin-1      platform admin
    owner@demo.test    Demo-owner-1      owns "Demo Coffee"; phone +84901000001
    cashier@demo.test  Demo-cashier-1    one merchant; phone +84901000002
    service sale       Demo-service-1    a sister service (BASIC, from this machine)

  Try
    curl -s ${url}/v1/api/identity/auth/sign-in -H 'content-type: application/json' -d '${signIn}'
    curl -s ${url}/v1/api/identity/auth/otp/request -H 'content-type: application/json' -d '${askForCode}'
    curl -s ${url}/dev/inbox    # the code; then POST …/auth/otp/verify with namespace, challengeId, code
    curl -s ${url}/jw-certs

  Ctrl-C stops everything.
`;
}
