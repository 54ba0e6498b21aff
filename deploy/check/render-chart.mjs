import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildHelm } from './build-helm.mjs';

const run = promisify(execFile);
const chart = 'deploy/helm/nx-identity';
const needed = 'deploy/check/values/needed.yaml';
const HELM_MS = 60_000;
/** Built from its module, Helm knows of no newer Kubernetes than 1.20 by itself. */
const KUBERNETES = ['--kube-version', '1.37.0'];

/** What the checks look at, by name: the values files of each. */
export const VARIANTS = {
  default: [needed],
  B: [`${chart}/values-b.yaml`, needed],
  G: [`${chart}/values-g.yaml`, needed],
  everything: [`${chart}/values-g.yaml`, needed, 'deploy/check/values/everything.yaml'],
};

/** The manifests, hooks included, as one YAML text. @throws what Helm has to say against the values */
export const renderChart = (valuesFiles) =>
  helm(['template', 'nx', chart, '--namespace', 'identity'], valuesFiles);

/** @throws what `helm lint` has to say against the chart */
export const lintChart = (valuesFiles) => helm(['lint', chart, '--strict'], valuesFiles);

async function helm(command, valuesFiles) {
  const program = await buildHelm();
  // Plugins, registries and charts that the person has are none of this check's.
  const home = resolve('.cache/helm-home');
  mkdirSync(home, { recursive: true });
  const env = { ...process.env, HELM_CONFIG_HOME: home, HELM_CACHE_HOME: home, HELM_DATA_HOME: home };
  const { stdout } = await run(
    program,
    [...command, ...KUBERNETES, ...valuesFiles.flatMap((file) => ['--values', file])],
    {
      env,
      timeout: HELM_MS,
    },
  );
  return stdout;
}
