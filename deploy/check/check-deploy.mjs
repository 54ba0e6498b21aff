/**
 * `npm run check:deploy`: chart, alerts, dashboards and compose file, against schemas, the service and promtool; every panel's
 * query against a real Prometheus; and, where an engine of containers answers, the compose file for real.
 */
import { spawnSync } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildHelm } from './build-helm.mjs';
import { installValidator } from './validate-manifests.mjs';

process.chdir(resolve(dirname(fileURLToPath(import.meta.url)), '../..'));

const run = (script, ...args) => {
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`node ${script} ended with ${status}`);
};
const engineAnswers = () => spawnSync('docker', ['version'], { stdio: 'ignore' }).status === 0;

const steps = {
  'Helm, by Go': buildHelm,
  'kubernetes-validate, by pip': installValidator,
  'chart, alerts, dashboards, images and compose file as they are written': () =>
    run('test/run.mjs', 'test/deploy'),
  'dashboards, by a real Prometheus': () => run('deploy/check/check-dashboards.mjs'),
  'compose file, by a real engine': () => {
    if (engineAnswers()) return run('test/deploy/containers/check.mjs');
    process.stdout.write('left out: no engine answers `docker version`\n');
  },
};
for (const [what, check] of Object.entries(steps)) {
  const began = performance.now();
  try {
    await check();
  } catch (error) {
    process.stderr.write(`${what}: ${error.stderr || error.message}\n`);
    process.exit(1);
  }
  process.stdout.write(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
}
