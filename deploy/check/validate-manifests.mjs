import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const wanted = 'deploy/check/requirements.txt';
const INSTALL_MS = 600_000;

/** Versions of Kubernetes whose schemas everything must satisfy: the chart's oldest, and the newest that is known. */
export const VERSIONS = ['1.30', '1.37'];

/** Where kubernetes-validate is, installed once for each list of requirements. @throws when pip can't */
export async function installValidator() {
  const hash = createHash('sha256').update(readFileSync(wanted)).digest('hex').slice(0, 16);
  const venv = resolve('.cache', `kubernetes-validate-${hash}`);
  if (!existsSync(join(venv, '.whole'))) {
    rmSync(venv, { recursive: true, force: true }); // one that was cut short
    await run('python3', ['-m', 'venv', venv]);
    const options = ['install', '--quiet', '--disable-pip-version-check', '-r', wanted];
    await run(join(venv, 'bin/pip'), options, { timeout: INSTALL_MS });
    mkdirSync(join(venv, '.whole'));
  }
  return join(venv, 'bin/kubernetes-validate');
}

/**
 * Holds manifests of Kubernetes' own kinds against its schemas, where an unknown field is an error.
 * @throws what kubernetes-validate has to say against them
 */
export async function validateManifests(yaml) {
  const validator = await installValidator();
  const folder = mkdtempSync(join(tmpdir(), 'nx-chart-'));
  try {
    const file = join(folder, 'manifests.yaml');
    writeFileSync(file, yaml);
    for (const version of VERSIONS) await run(validator, ['--strict', '-k', version, file]);
  } catch (error) {
    throw new Error(`${error.stdout ?? ''}${error.stderr ?? error.message}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
