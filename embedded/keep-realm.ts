import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutRoot } from './checkout.js';
import { realmUrls } from './keycloak-environment.js';
import type { PartsDescription } from './parts.js';
import { serviceEntry } from './prepare-service.js';
import type { Progress } from './progress.js';
import { serviceEnvironment } from './service-environment.js';
import type { Supervisor } from './supervisor.js';

/** What the migration job is told to keep the realm too; its own environment, never the service's. */
export function realmEnvironment(parts: PartsDescription): Record<string, string> {
  return {
    ...serviceEnvironment(parts, 'migrate'),
    IDENTITY_REALM_ADMIN_CLIENT_ID: parts.keycloak.adminClientId,
    IDENTITY_REALM_ADMIN_CLIENT_SECRET_FILE: parts.keycloak.adminClientSecretFile,
    NX_KEYCLOAK_CLIENT_SECRET_FILE: parts.keycloak.clientSecretFile,
    ...realmUrls(parts),
  };
}

/** Makes the realm what keycloak/realm declares (an import never changes one that is there), and says what it changed. */
export async function keepRealm(
  parts: PartsDescription,
  supervisor: Supervisor,
  progress: Progress,
): Promise<void> {
  if (!parts.keycloak.adminClientSecretFile) {
    return progress('realm: left alone, as this Keycloak is yours');
  }
  const logFile = join(parts.dataDir, 'logs', 'realm.log');
  rmSync(logFile, { force: true });
  await supervisor.run({
    name: 'the realm',
    command: process.execPath,
    args: ['--enable-source-maps', serviceEntry()],
    cwd: checkoutRoot(),
    env: { ...(process.env as Record<string, string>), ...realmEnvironment(parts), LOG_LEVEL: 'info' },
    logFile,
    failure: 'The realm could not be kept as declared',
    deadlineMs: 180_000,
  });
  for (const line of readFileSync(logFile, 'utf8').split('\n'))
    if (line.startsWith('{')) tell(line, progress);
}

function tell(line: string, progress: Progress): void {
  const { msg = '', path, from, to } = JSON.parse(line) as Record<string, string>;
  if (msg.startsWith('realm:')) progress(path ? `${msg}: ${path}: ${from} → ${to}` : msg);
}
