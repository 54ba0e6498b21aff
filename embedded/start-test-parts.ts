import { join } from 'node:path';
import { checkoutRoot } from './checkout.js';
import { containers } from './containers.js';
import { createJdk } from './jdk.js';
import { emptyDataDir, lockDataDir } from './launcher-lock.js';
import type { PartRunner } from './part-runner.js';
import type { Parts } from './parts.js';
import { endEarlierRun } from './pid-file.js';
import { freshTestData } from './postgres-template.js';
import { prepareService } from './prepare-service.js';
import { processes } from './processes.js';
import type { Progress } from './progress.js';
import { redisBinary } from './redis.js';
import { writePrivately } from './secrets-file.js';
import { seedDemo } from './seed-demo.js';
import { StartFailure } from './start-failure.js';
import { STOP_ORDER, type StartOptions, startParts } from './start-parts.js';
import type { Supervisor } from './supervisor.js';
import { testPorts } from './test-ports.js';

const RUNNERS = new Map<string, PartRunner>([
  ['embedded', processes],
  ['containers', containers],
]);

/** By TEST_PARTS. @throws StartFailure at a value that is none of them */
export function chooseRunner({ TEST_PARTS: wanted = 'embedded' }: NodeJS.ProcessEnv): PartRunner {
  const runner = RUNNERS.get(wanted);
  if (runner) return runner;
  throw new StartFailure(`TEST_PARTS is "${wanted}": it is ${[...RUNNERS.keys()].join(' or ')}`);
}

/**
 * Parts for a test run on free ports with fresh, migrated, seeded data; may run beside `npm start`.
 * @returns them, and the path of their description as JSON, which only the owner can read
 */
export async function startTestParts(
  supervisor: Supervisor,
  progress: Progress,
): Promise<{ parts: Parts; file: string; unlock: () => void }> {
  const runner = chooseRunner(process.env);
  const dataDir = join(checkoutRoot(), '.data', 'test');
  const cacheDir = join(checkoutRoot(), '.cache');
  const unlock = lockDataDir(dataDir);
  await endEarlierRun(join(dataDir, 'pids'), STOP_ORDER, progress);
  emptyDataDir(dataDir);
  const ports = await testPorts(cacheDir);
  const own = `http://127.0.0.1:${ports.service}`;
  const options = {
    supervisor,
    progress,
    dataDir,
    cacheDir,
    ports,
    durable: false,
    realmUrls: { identityPublicUrl: own, spaOrigin: own },
  };
  if (runner === processes) await freshTestData(options);
  // The test of a Redis Cluster starts nodes of its own.
  else await redisBinary(createJdk(supervisor, cacheDir, join(dataDir, 'logs')), cacheDir, progress);
  const onPostgres: StartOptions['onPostgres'] = (parts) => prepareService(parts, supervisor, progress);
  const parts = await startParts({ ...options, runner, onPostgres });
  progress('demo data: seeding');
  await seedDemo(parts);
  const { crashed: _crashed, stop: _stop, ...description } = parts;
  const file = join(dataDir, 'parts.json');
  writePrivately(file, JSON.stringify(description, null, 2));
  return { parts, file, unlock };
}
