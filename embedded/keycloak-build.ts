import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { bridgeHash, buildBridge } from './bridge.js';
import { KEYCLOAK, KEYCLOAK_VERSION } from './downloads.js';
import { fetchDownload } from './fetch-download.js';
import { type Jdk, plainEnvironment } from './jdk.js';
import type { Progress } from './progress.js';
import type { Supervisor } from './supervisor.js';
import { treeHash } from './tree-hash.js';

/** Fixed when Keycloak is built; `start --optimized` refuses to run with others. */
export const BUILD_OPTIONS = [
  '--db=postgres',
  '--health-enabled=true',
  '--metrics-enabled=true',
  '--spi-email-sender--provider=nx-queue', // mails leave by the service
];
const KEPT_BUILDS = 3;

export interface KeycloakSources {
  /** Holds bridge/ and realm/. */
  keycloakDir: string;
  /** Holds a folder per theme; may be missing. */
  themesDir: string;
}

/** Hash of everything that a built Keycloak is made from. */
export function keycloakBuildHash({ keycloakDir, themesDir }: KeycloakSources): string {
  const versions = [KEYCLOAK_VERSION, bridgeHash(keycloakDir), ...BUILD_OPTIONS];
  return treeHash(themesDir, themeFolders(themesDir), versions).slice(0, 16);
}

/** The themes, without what is said about them. */
function themeFolders(themesDir: string): string[] {
  if (!existsSync(themesDir)) return [];
  const entries = readdirSync(themesDir, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : [])).sort();
}

export interface KeycloakBuildOptions extends KeycloakSources {
  supervisor: Supervisor;
  jdk: Jdk;
  progress: Progress;
  cacheDir: string;
  logDir: string;
}

/** Keycloak with the bridge and the themes, built for `start --optimized`; made once per hash and kept. */
export async function buildKeycloak(options: KeycloakBuildOptions): Promise<string> {
  const { cacheDir, progress } = options;
  mkdirSync(cacheDir, { recursive: true });
  const home = join(cacheDir, `keycloak-${keycloakBuildHash(options)}`);
  if (!existsSync(home)) await build(options, home);
  const now = new Date();
  utimesSync(home, now, now); // the latest used are kept
  removeOlderBuilds(cacheDir, home, progress);
  return home;
}

async function build(options: KeycloakBuildOptions, home: string): Promise<void> {
  const { supervisor, jdk, progress, cacheDir, logDir } = options;
  if (!existsSync(join(cacheDir, KEYCLOAK.file)))
    progress(`Keycloak: fetching ${KEYCLOAK.artifact} (177 MB)`);
  const archive = await fetchDownload(KEYCLOAK, cacheDir, jdk.fetch, progress);
  const jar = await buildBridge(jdk, options.keycloakDir, cacheDir, progress);
  const unpacked = `${home}.partial-${process.pid}-unpacked`;
  const partial = `${home}.partial-${process.pid}`;
  rmSync(unpacked, { recursive: true, force: true });
  await jdk.unpack(archive, unpacked);
  renameSync(join(unpacked, `keycloak-${KEYCLOAK_VERSION}`), partial);
  rmSync(unpacked, { recursive: true });
  // Before the build: a jar that is newer than the build is refused at the start.
  copyFileSync(jar, join(partial, 'providers', 'nx-keycloak-bridge.jar'));
  for (const theme of themeFolders(options.themesDir)) {
    cpSync(join(options.themesDir, theme), join(partial, 'themes', theme), { recursive: true });
  }
  progress('Keycloak: building once (version, bridge or theme changed), takes about a minute');
  await supervisor.run({
    name: 'kc.sh build',
    command: 'sh', // jar xf doesn't keep the executable bit
    args: ['bin/kc.sh', 'build', ...BUILD_OPTIONS],
    cwd: partial,
    env: plainEnvironment(),
    logFile: join(logDir, 'keycloak-build.log'),
    failure: 'Keycloak could not be built',
    deadlineMs: 600_000,
  });
  if (existsSync(home))
    rmSync(partial, { recursive: true }); // another start was faster
  else renameSync(partial, home);
}

function removeOlderBuilds(cacheDir: string, current: string, progress: Progress): void {
  const builds = readdirSync(cacheDir)
    .filter((name) => /^keycloak-[0-9a-f]{16}$/.test(name))
    .map((name) => join(cacheDir, name))
    .filter((path) => path !== current)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of builds.slice(KEPT_BUILDS - 1)) {
    progress(`Keycloak: removing the older build ${path}`);
    rmSync(path, { recursive: true, force: true });
  }
}
