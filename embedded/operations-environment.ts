import { existsSync } from 'node:fs';
import { startDataDir } from './data-dir.js';
import { describeParts } from './describe-parts.js';
import { portsFromEnvironment } from './ports.js';
import { loadSecrets, secretsPath } from './secrets-file.js';
import { serviceEnvironment } from './service-environment.js';

/** The settings of the service that `npm start` runs, unless the environment names a database of its own. */
export function operationsEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const dataDir = startDataDir();
  if (env.DATABASE_URL || env.DATABASE_URL_FILE || !existsSync(secretsPath(dataDir))) return {};
  const ports = portsFromEnvironment(env);
  const own = `http://127.0.0.1:${ports.service}`;
  const realmUrls = { identityPublicUrl: own, spaOrigin: env.NX_SPA_ORIGIN ?? own };
  return serviceEnvironment(describeParts(dataDir, ports, loadSecrets(dataDir), {}, realmUrls));
}
