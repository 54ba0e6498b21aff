import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startDataDir } from './data-dir.js';
import { APP_ROLE } from './databases.js';
import { databaseUrl } from './describe-parts.js';
import { portsFromEnvironment } from './ports.js';
import { loadSecrets, secretsPath } from './secrets-file.js';

/** Database and keys of what `npm start` runs, as far as the environment names no others. */
export function keysEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const dataDir = startDataDir();
  if (env.DATABASE_URL || !existsSync(secretsPath(dataDir))) return {};
  const { appPassword } = loadSecrets(dataDir);
  return {
    DATABASE_URL: databaseUrl(portsFromEnvironment(env).postgres, 'nx_identity', APP_ROLE, appPassword),
    IDENTITY_KEYS_DIR: join(dataDir, 'keys'),
  };
}
