import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keycloakBuildHash } from './keycloak-build.js';
import { emptyDataDir } from './launcher-lock.js';
import type { RealmUrls } from './parts.js';
import { postgresVersion, preparePostgresHome } from './postgres-home.js';
import { loadSecrets, secretsPath } from './secrets-file.js';
import { keycloakSources, type StartOptions, startParts } from './start-parts.js';
import { treeHash } from './tree-hash.js';

/** Whatever Keycloak's first boot writes into the database depends on. */
function templateKey(urls: RealmUrls): string {
  const sources = keycloakSources();
  const versions = [keycloakBuildHash(sources), postgresVersion(), JSON.stringify(urls)];
  return treeHash(sources.keycloakDir, ['realm'], versions).slice(0, 16);
}

/** With -p, so that the files stay the PostgreSQL user's own. */
function copyTree(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  execFileSync('cp', ['-Rp', from, to]);
}

function save(template: string, dataDir: string, cacheDir: string): void {
  const partial = `${template}.partial-${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  const { data } = preparePostgresHome(dataDir, cacheDir, loadSecrets(dataDir).cluster);
  copyTree(data, join(partial, 'postgres'));
  cpSync(secretsPath(dataDir), join(partial, 'secrets.json'));
  for (const name of readdirSync(cacheDir)) {
    if (name.startsWith('template-') && !name.includes('partial')) {
      rmSync(join(cacheDir, name), { recursive: true, force: true });
    }
  }
  renameSync(partial, template);
}

function restore(template: string, dataDir: string, cacheDir: string): void {
  cpSync(join(template, 'secrets.json'), secretsPath(dataDir));
  const { data } = preparePostgresHome(dataDir, cacheDir, loadSecrets(dataDir).cluster);
  rmSync(data, { recursive: true, force: true });
  copyTree(join(template, 'postgres'), data);
}

/**
 * Fresh data for a test run in `options.dataDir`, which must not be in use, with Keycloak's tables and realm in it
 * already: made once by a boot of its own, stopped again, and copied from then on. The service's database is empty.
 */
export async function freshTestData(options: StartOptions & { realmUrls: RealmUrls }): Promise<void> {
  const { dataDir, cacheDir, supervisor, progress } = options;
  const template = join(cacheDir, `template-${templateKey(options.realmUrls)}`);
  if (!existsSync(template)) {
    progress('test data: Keycloak makes its tables once (bridge, realm or version changed)');
    await startParts(options);
    await supervisor.stopChildren();
    save(template, dataDir, cacheDir);
    emptyDataDir(dataDir);
  }
  restore(template, dataDir, cacheDir);
}
