import { UnusableRealm } from './administration/realm/errors.js';
import { InvalidConfig, loadConfig } from './config/config.js';
import { jobOfThisRun } from './config/migration-config.js';
import { createInfrastructure } from './infrastructure.js';
import { runMigration, runRealmDiff, runReseal } from './job.js';
import { runKeys } from './keys-job.js';
import { listenForMetrics } from './listen-for-metrics.js';
import { runOperations } from './operations-job.js';
import type { Running } from './running.js';
import { startServer } from './server.js';
import { createLogger, type Logger } from './telemetry/logger.js';
import { UnusableKeys } from './tokens/index.js';
import { startWorker } from './worker.js';

/** The one entry: `RUN_MODE` says what this process is (D9). Exit codes: 0 stopped, 1 could not start or go on. */
async function main(): Promise<void> {
  const job = jobOfThisRun();
  if (job === 'migrate') return runMigration();
  if (job === 'realm-diff') {
    process.exitCode = await runRealmDiff();
    return;
  }
  if (job === 'reseal') {
    process.exitCode = await runReseal();
    return;
  }
  if (job === 'keys') {
    process.exitCode = await runKeys(process.argv.slice(2));
    return;
  }
  if (job === 'ops') {
    process.exitCode = await runOperations(process.argv.slice(2));
    return;
  }
  const config = loadConfig();
  const logger = createLogger({ level: config.logLevel });
  const infrastructure = createInfrastructure(config, logger);
  const running: Running[] = [];
  const stop = stopOnce(running, infrastructure.close, logger);
  process.once('SIGTERM', () => void stop(0));
  process.once('SIGINT', () => void stop(0));
  if (config.runMode === 'worker') {
    const { close } = await listenForMetrics(infrastructure);
    running.push({ stop: close });
  } else {
    const onUnusable = (problems: string[]) => {
      logger.fatal({ problems }, 'Keycloak is not set up for this service');
      void stop(1);
    };
    running.push(await startServer(infrastructure, onUnusable));
  }
  if (config.runMode !== 'server') running.push(startWorker(infrastructure));
}

function stopOnce(running: readonly Running[], close: () => Promise<void>, logger: Logger) {
  let stopping = false;
  return async (code: number) => {
    if (stopping) return;
    stopping = true;
    logger.info('stopping');
    await Promise.all(running.map((part) => part.stop()));
    await close();
    process.exit(code);
  };
}

const OPERATORS_AFFAIRS = [InvalidConfig, UnusableKeys, UnusableRealm];

/** What an operator caused is told in plain words; anything else keeps its stack. */
function explain(error: unknown): string {
  if (OPERATORS_AFFAIRS.some((kind) => error instanceof kind)) return (error as Error).message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

main().catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
});
