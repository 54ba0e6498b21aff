/** `npm test`: the suite against real parts of its own. Arguments go to jest; the last line is the count. */
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap } from '../embedded/bootstrap.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const resultFile = join(root, '.data', 'test', 'results.json');

await bootstrap();
const { startTestParts } = await import('../dist/embedded/start-test-parts.js');
const { STOP_ORDER } = await import('../dist/embedded/start-parts.js');
const { createSupervisor } = await import('../dist/embedded/supervisor.js');
const { onStopSignal } = await import('../dist/embedded/stop-signals.js');
const { elapsedProgress } = await import('../dist/embedded/progress.js');
const { runJest } = await import('../dist/embedded/run-jest.js');
const { countTests } = await import('../dist/embedded/count-tests.js');

const progress = elapsedProgress((line) => process.stdout.write(line));
const supervisor = createSupervisor(STOP_ORDER);
let stopping;
const asked = onStopSignal(
  () => {
    progress('stopping');
    stopping = supervisor.stop();
  },
  () => {
    supervisor.kill();
    process.exit(130);
  },
);

async function run() {
  const { file, unlock } = await startTestParts(supervisor, progress);
  process.once('exit', unlock);
  rmSync(resultFile, { force: true });
  let broken;
  const failed = new Promise((_, reject) => {
    broken = reject;
  });
  process.on('SIGUSR2', () => void supervisor.restart('Keycloak').catch(broken));
  const jest = runJest({ supervisor, file, resultFile, restarts: true, args: process.argv.slice(2) });
  await Promise.race([jest, supervisor.crashed, failed]);
}

let failure;
await Promise.race([run(), asked]).catch((error) => {
  failure = error.name === 'StartFailure' ? error.message : error.stack;
});
await (stopping ?? supervisor.stop());
if (failure) process.stderr.write(`\n${failure}\n\n`);

function results() {
  try {
    return JSON.parse(readFileSync(resultFile, 'utf8'));
  } catch {
    return undefined; // jest did not get that far
  }
}
const { line, ok } = countTests(results());
process.stdout.write(`\n${line}\n`);
process.exit(ok && !failure && !stopping ? 0 : 1);
