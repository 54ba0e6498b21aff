import { join } from 'node:path';
import { startKeycloak } from './keycloak.js';
import type { KeycloakSources } from './keycloak-build.js';
import { keycloakEnvironment } from './keycloak-environment.js';
import type { PartsDescription } from './parts.js';
import type { Ports } from './ports.js';
import type { Secrets } from './secrets-file.js';
import type { Supervisor } from './supervisor.js';

/** Starts a built Keycloak as the one of these parts, with the realm of these sources; resolves when it is ready. */
export function bootKeycloak(options: {
  supervisor: Supervisor;
  /** What buildKeycloak made. */
  build: string;
  sources: KeycloakSources;
  parts: PartsDescription;
  ports: Pick<Ports, 'keycloak' | 'keycloakManagement' | 'postgres'>;
  secrets: Secrets;
}): Promise<void> {
  const { supervisor, build, sources, parts, ports, secrets } = options;
  return startKeycloak({
    supervisor,
    build,
    realmDir: join(sources.keycloakDir, 'realm'),
    passwordListsDir: join(sources.keycloakDir, 'password-blacklists'),
    dataDir: parts.dataDir,
    url: parts.keycloak.url,
    port: ports.keycloak,
    managementPort: ports.keycloakManagement,
    logFile: parts.keycloak.logFile,
    env: keycloakEnvironment(parts, ports, secrets),
  });
}
