import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

/**
 * Brings running parts in line with the sources of a scratch tree: compiled code, the service's database, Keycloak.
 * @param load imports a compiled module of the tree, such as `embedded/databases.js`
 * @param keycloak the supervisor that holds Keycloak alone
 */
export async function createRemake({ tree, load, parts, supervisor, keycloak }) {
  const { ensureDatabases } = await load('embedded/databases.js');
  const { loadSecrets } = await load('embedded/secrets-file.js');
  const { prepareService } = await load('embedded/prepare-service.js');
  const { seedDemo } = await load('embedded/seed-demo.js');
  const { createJdk } = await load('embedded/jdk.js');
  const { buildBridge } = await load('embedded/bridge.js');
  const { buildKeycloak } = await load('embedded/keycloak-build.js');
  const { bootKeycloak } = await load('embedded/boot-keycloak.js');
  const { keycloakSources } = await load('embedded/start-parts.js');
  const cacheDir = join(tree, '.cache');
  const secrets = loadSecrets(parts.dataDir);
  const jdk = createJdk(supervisor, cacheDir, join(parts.dataDir, 'logs'));
  const sources = keycloakSources();
  const options = { supervisor, jdk, cacheDir, progress: () => {}, logDir: join(parts.dataDir, 'logs') };
  const untouchedBuild = await buildKeycloak({ ...options, ...sources });
  let realmIsUntouched = true;

  async function emptyDatabase(name) {
    const url = new URL(parts.postgres.superUrl);
    url.pathname = '/postgres';
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`).finally(() => client.end());
    await ensureDatabases(url.href, secrets);
  }

  function compile() {
    const compiler = join(tree, 'node_modules', '.bin', 'tsc');
    // Unused names, which many mutations leave behind, are no reason to stay green.
    const args = ['-p', 'tsconfig.build.json', '--noUnusedLocals', 'false', '--noUnusedParameters', 'false'];
    execFileSync(compiler, args, { cwd: tree, encoding: 'utf8', stdio: 'pipe' });
  }

  async function database() {
    await emptyDatabase('nx_identity');
    await prepareService(parts, supervisor, () => {});
    await seedDemo(parts);
  }

  /**
   * The untouched build with another jar and theme: kc.sh build would take a minute, and only looks at what a provider
   * is called. The jar's time stays that of the one which was built in, or Keycloak refuses the start.
   */
  async function mutatedBuild() {
    const jar = await buildBridge(jdk, sources.keycloakDir, cacheDir, () => {});
    const build = join(cacheDir, 'keycloak-mutated');
    rmSync(build, { recursive: true, force: true });
    execFileSync('cp', ['-al', untouchedBuild, build]);
    const place = join(build, 'providers', 'nx-keycloak-bridge.jar');
    rmSync(place); // before it is written: it is a hard link
    copyFileSync(jar, place);
    execFileSync('touch', ['-r', join(untouchedBuild, 'providers', 'nx-keycloak-bridge.jar'), place]);
    // Its files are hard links too.
    rmSync(join(build, 'themes'), { recursive: true });
    cpSync(join(untouchedBuild, 'themes'), join(build, 'themes'), { recursive: true });
    cpSync(sources.themesDir, join(build, 'themes'), { recursive: true });
    return build;
  }

  /** Boots Keycloak anew, with the tree's bridge and theme, and with the tree's realm imported afresh where that differs. */
  async function rebootKeycloak({ buildChanged, realmChanged }) {
    const build = buildChanged ? await mutatedBuild() : untouchedBuild;
    await keycloak.stopChildren();
    const freshRealm = realmChanged || !realmIsUntouched;
    if (freshRealm) await emptyDatabase('keycloak');
    realmIsUntouched = !realmChanged;
    const portOf = (url) => Number(new URL(url).port);
    await bootKeycloak({
      // Unwatched: a mutation that Keycloak can't boot with is one without a verdict, not the end of the run.
      supervisor: { ...keycloak, start: keycloak.startUnwatched },
      build,
      sources,
      parts,
      ports: {
        keycloak: portOf(parts.keycloak.url),
        keycloakManagement: portOf(parts.keycloak.managementUrl),
        postgres: portOf(parts.postgres.superUrl),
      },
      secrets,
    });
    if (freshRealm) await seedDemo(parts);
  }

  return { compile, database, rebootKeycloak };
}
