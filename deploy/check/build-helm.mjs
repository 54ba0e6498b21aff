import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSION = 'v3.22.0';
const BUILD_MS = 1_200_000;
const cache = resolve('.cache');
const folder = join(cache, `helm-${VERSION}`);

/** The path of Helm, built once from its Go module (minutes) and kept in `.cache/`. @throws when Go can't build it */
export async function buildHelm() {
  const helm = join(folder, 'helm');
  if (existsSync(helm)) return helm;
  const building = `${folder}.${process.pid}`;
  mkdirSync(building, { recursive: true });
  const env = { ...process.env, GOBIN: building, GOFLAGS: '-modcacherw', GOMODCACHE: join(cache, 'go/mod') };
  await run('go', ['install', '-ldflags=-s -w', `helm.sh/helm/v3/cmd/helm@${VERSION}`], {
    env,
    timeout: BUILD_MS,
  });
  rmSync(folder, { recursive: true, force: true }); // one that was cut short
  renameSync(building, folder);
  return helm;
}
