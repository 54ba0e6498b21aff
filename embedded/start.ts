import { join } from 'node:path';
import { banner } from './banner.js';
import { checkoutRoot } from './checkout.js';
import { startDataDir } from './data-dir.js';
import { externalFromEnvironment } from './describe-parts.js';
import { keepRealm } from './keep-realm.js';
import { lockDataDir } from './launcher-lock.js';
import type { PartsDescription } from './parts.js';
import { portsFromEnvironment } from './ports.js';
import { prepareService } from './prepare-service.js';
import { elapsedProgress, type Progress } from './progress.js';
import { runService } from './run-service.js';
import { seedDemo } from './seed-demo.js';
import { StartFailure, Stopped } from './start-failure.js';
import { STOP_ORDER, startParts } from './start-parts.js';
import { onStopSignal } from './stop-signals.js';
import { createSupervisor, type Supervisor } from './supervisor.js';
import { watchService } from './watch-service.js';

/** Until the service answers and the banner is shown; then as long as nothing ends. */
async function run(
  dataDir: string,
  watch: boolean,
  supervisor: Supervisor,
  progress: Progress,
): Promise<void> {
  const parts = await startParts({
    supervisor,
    progress,
    dataDir,
    cacheDir: join(checkoutRoot(), '.cache'),
    ports: portsFromEnvironment(process.env),
    external: externalFromEnvironment(process.env),
    onPostgres: (description) => prepareService(description, supervisor, progress),
  });
  await keepRealm(parts, supervisor, progress);
  await seed(parts, progress);
  progress('service: starting');
  const start = () => runService(parts, supervisor, !watch);
  const service = await Promise.race([start(), supervisor.crashed]);
  progress('service: ready');
  process.stdout.write(banner(parts));
  if (watch) {
    progress('watching src/');
    await Promise.race([watchService(service, start, progress, supervisor.signal), supervisor.crashed]);
  }
  await supervisor.crashed;
}

async function seed(parts: PartsDescription, progress: Progress): Promise<void> {
  if (!parts.keycloak.adminClientSecret) {
    return progress(
      'demo data: left out, as this Keycloak is yours (NX_KEYCLOAK_ADMIN_CLIENT_ID and _SECRET would allow it)',
    );
  }
  progress('demo data: seeding');
  await seedDemo(parts);
}

/** `npm start` and, with `watch`, `npm run dev`. Resolves with the exit code when everything has stopped. */
export async function start({ watch }: { watch: boolean }): Promise<number> {
  const progress = elapsedProgress((line) => process.stdout.write(line));
  const dataDir = startDataDir();
  const supervisor = createSupervisor(STOP_ORDER);
  let unlock = () => {};
  let stopped: Promise<void> | undefined;
  const asked = onStopSignal(
    () => {
      progress('stopping');
      stopped = supervisor.stop();
    },
    () => {
      supervisor.kill();
      unlock();
      process.exit(130);
    },
  );
  try {
    unlock = lockDataDir(dataDir);
    await Promise.race([run(dataDir, watch, supervisor, progress), asked]);
    await stopped;
    progress('stopped');
    return 0;
  } catch (error) {
    if (!(stopped && error instanceof Stopped)) report(error as Error);
    await supervisor.stop();
    return stopped && error instanceof Stopped ? 0 : 1;
  } finally {
    unlock();
  }
}

function report(error: Error): void {
  const text = error instanceof StartFailure ? error.message : (error.stack ?? String(error));
  process.stderr.write(`\n${text}\n\n`);
}
