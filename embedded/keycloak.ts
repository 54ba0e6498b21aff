import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Child } from './child.js';
import { plainEnvironment } from './jdk.js';
import { StartFailure } from './start-failure.js';
import { describeEnd, type Supervisor } from './supervisor.js';
import { waitUntil } from './wait-until.js';

export interface KeycloakOptions {
  supervisor: Supervisor;
  /** What buildKeycloak made. */
  build: string;
  realmDir: string;
  /** Lists of common passwords, which the realm's password policy names. */
  passwordListsDir: string;
  dataDir: string;
  url: string;
  port: number;
  managementPort: number;
  logFile: string;
  /** Database, bootstrap secrets, placeholders of the realm. */
  env: Record<string, string>;
}

/**
 * A home of this data directory's own around the shared build: its own data/ (realm files, temporary files), and a
 * path on java's command line that names the data directory.
 */
function makeHome(options: KeycloakOptions): string {
  const home = join(options.dataDir, 'keycloak');
  rmSync(home, { recursive: true, force: true });
  mkdirSync(join(home, 'bin'), { recursive: true });
  mkdirSync(join(home, 'data', 'import'), { recursive: true });
  // A real file: kc.sh finds its home by its own resolved path.
  copyFileSync(join(options.build, 'bin', 'kc.sh'), join(home, 'bin', 'kc.sh'));
  for (const name of ['lib', 'providers', 'conf', 'themes'])
    symlinkSync(join(options.build, name), join(home, name));
  for (const name of realmFiles(options.realmDir)) {
    copyFileSync(join(options.realmDir, name), join(home, 'data', 'import', name));
  }
  cpSync(options.passwordListsDir, join(home, 'data', 'password-blacklists'), { recursive: true });
  return home;
}

export function realmFiles(realmDir: string): string[] {
  const files = existsSync(realmDir) ? readdirSync(realmDir).filter((name) => name.endsWith('.json')) : [];
  if (files.length === 0) throw new StartFailure(`There is no realm to import in ${realmDir}`);
  return files.sort();
}

/** Where Keycloak listens, and what it is called by. */
type Listeners = Pick<KeycloakOptions, 'url' | 'port' | 'managementPort'>;

/** What kc.sh is told wherever it runs. */
export const startArguments = ({ url, port, managementPort }: Listeners): string[] => [
  'start',
  '--optimized',
  '--import-realm',
  '--cache=local', // one node: nothing listens for others
  '--http-enabled=true',
  '--http-host=127.0.0.1',
  `--http-port=${port}`,
  `--http-management-port=${managementPort}`,
  `--hostname=${url}`,
];

/** Starts Keycloak and resolves when it is ready and knows the realm. */
export async function startKeycloak(options: KeycloakOptions): Promise<void> {
  const { supervisor } = options;
  const home = makeHome(options);
  const keycloak = supervisor.start({
    name: 'Keycloak',
    command: 'sh',
    args: [join(home, 'bin', 'kc.sh'), ...startArguments(options)],
    cwd: home,
    env: {
      ...plainEnvironment(),
      // Not -XX:TieredStopAtLevel=1: it saves a second at the boot and doubles the cost of every argon2.
      JAVA_OPTS_KC_HEAP: '-Xms256m -Xmx768m',
      ...options.env,
    },
    logFile: options.logFile,
    pidFile: { folder: join(options.dataDir, 'pids'), name: 'Keycloak', marker: home },
    stopWithinMs: 20_000,
  });
  await untilKeycloakReady(keycloak, supervisor, options);
}

export async function untilKeycloakReady(
  keycloak: Child,
  supervisor: Supervisor,
  listeners: Listeners,
): Promise<void> {
  await waitUntil({
    complaint: `Keycloak was not ready (log: ${keycloak.logFile})`,
    probe: () => ready(listeners),
    deadlineMs: 300_000,
    everyMs: 300,
    signal: supervisor.signal,
    hopeless: () => (keycloak.exit ? describeEnd(keycloak, 'Keycloak did not start') : undefined),
  });
}

async function ready({ port, managementPort }: Listeners): Promise<boolean> {
  const ok = async (url: string) => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await answer.arrayBuffer();
    return answer.status === 200;
  };
  return (
    (await ok(`http://127.0.0.1:${managementPort}/health/ready`)) &&
    (await ok(`http://127.0.0.1:${port}/realms/nx/.well-known/openid-configuration`))
  );
}
