/** `npm run check:chart`: what stands under deploy/, held against schemas, the service and promtool. Needs no parts. */
import { spawnSync } from 'node:child_process';
import { buildHelm } from './build-helm.mjs';
import { installValidator } from './validate-manifests.mjs';

const steps = { 'Helm, by Go': buildHelm, 'kubernetes-validate, by pip': installValidator };
for (const [what, make] of Object.entries(steps)) {
  const began = performance.now();
  await make().catch((error) => {
    process.stderr.write(`${what} can't be had: ${error.stderr || error.message}\n`);
    process.exit(1);
  });
  process.stdout.write(`${what}: ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
}
const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', 'test/deploy'];
const { status } = spawnSync(process.execPath, jest, { stdio: 'inherit' });
process.exit(status ?? 1);
