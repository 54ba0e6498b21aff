import { join } from 'node:path';
import { createKeyFiles } from '../src/tokens/create-key-files.js';
import { checkoutRoot } from './checkout.js';
import { grantApplicationRoles } from './databases.js';
import type { PartsDescription } from './parts.js';
import type { Progress } from './progress.js';
import { serviceEnvironment } from './service-environment.js';
import type { Supervisor } from './supervisor.js';

/** The service's compiled entry. */
export const serviceEntry = () => join(checkoutRoot(), 'dist', 'src', 'main.js');

/** Migrates the service's database, lets the service's role and the bridge in, and makes its signing keys; needs PostgreSQL only. */
export async function prepareService(
  parts: PartsDescription,
  supervisor: Supervisor,
  progress: Progress,
): Promise<void> {
  await createKeyFiles(parts.keysDir);
  progress('service: migrating the database');
  await supervisor.run({
    name: 'the migration',
    command: process.execPath,
    args: ['--enable-source-maps', serviceEntry()],
    cwd: checkoutRoot(),
    env: {
      ...(process.env as Record<string, string>),
      ...serviceEnvironment(parts, 'migrate'),
      IDENTITY_BRIDGE_SECRET_FILE: parts.keycloak.bridgeSecretFile,
    },
    logFile: join(parts.dataDir, 'logs', 'migration.log'),
    failure: "The service's database could not be migrated",
    deadlineMs: 120_000,
  });
  await grantApplicationRoles(parts);
}
