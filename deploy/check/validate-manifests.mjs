import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installPythonTool } from './install-python-tool.mjs';

const run = promisify(execFile);

/** Versions of Kubernetes whose schemas everything must satisfy: the chart's oldest, and the newest that is known. */
export const VERSIONS = ['1.30', '1.37'];

/** Where kubernetes-validate is. @throws when pip can't install it */
export const installValidator = () =>
  installPythonTool('kubernetes-validate', 'kubernetes-validate', 'deploy/check/requirements.txt');

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
