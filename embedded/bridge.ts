import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Jdk } from './jdk.js';
import type { Progress } from './progress.js';
import { StartFailure } from './start-failure.js';
import { treeHash } from './tree-hash.js';

/** Hash of everything that goes into the bridge's jar. */
export function bridgeHash(keycloakDir: string): string {
  return treeHash(keycloakDir, ['bridge/pom.xml', 'bridge/src']).slice(0, 16);
}

function onlyJar(folder: string): string {
  const jars = readdirSync(folder).filter(
    (name) => name.endsWith('.jar') && !/^original-|-sources\.jar$/.test(name),
  );
  if (jars.length !== 1) throw new StartFailure(`${folder} should hold one jar, not ${jars.length}`);
  return join(folder, jars[0] as string);
}

/** The bridge's jar, built with Maven unless these very sources were built before. */
export async function buildBridge(
  jdk: Jdk,
  keycloakDir: string,
  cacheDir: string,
  progress: Progress,
): Promise<string> {
  const jar = join(cacheDir, `nx-keycloak-bridge-${bridgeHash(keycloakDir)}.jar`);
  if (existsSync(jar)) return jar;
  progress('Keycloak: building the bridge with Maven');
  const work = `${jar}.partial-${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  // A copy is built: someone may be working in keycloak/bridge with a target/ of their own.
  for (const name of ['pom.xml', 'src']) {
    cpSync(join(keycloakDir, 'bridge', name), join(work, name), { recursive: true });
  }
  // Its tests run in CI, not at every start.
  await jdk.maven(['package', '-DskipTests'], work, 'The Keycloak bridge could not be built');
  for (const name of readdirSync(cacheDir)) {
    if (/^nx-keycloak-bridge-\w+\.jar$/.test(name)) rmSync(join(cacheDir, name));
  }
  renameSync(onlyJar(join(work, 'target')), jar);
  rmSync(work, { recursive: true });
  return jar;
}
