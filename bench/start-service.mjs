/** What the measurements over HTTP share: the real parts with one service. */
import { spawn } from 'node:child_process';
import { bootstrap } from '../embedded/bootstrap.mjs';

await bootstrap();
const { startTestParts } = await import('../dist/embedded/start-test-parts.js');
const { STOP_ORDER } = await import('../dist/embedded/start-parts.js');
const { createSupervisor } = await import('../dist/embedded/supervisor.js');
const { serviceEnvironment } = await import('../dist/embedded/service-environment.js');
const { elapsedProgress } = await import('../dist/embedded/progress.js');

export const BASE = '/v1/api/identity';

/**
 * @param options.lifted names of limits, such as `REFRESH_PER_SESSION`, that nobody must meet
 * @param options.environment of the service, by its parts, where it differs from a server's
 * @returns the parts, the service's process id and address, and what stops all of it
 */
export async function startService({ lifted, environment = () => ({}) }) {
  const supervisor = createSupervisor(STOP_ORDER);
  const { parts, unlock } = await startTestParts(
    supervisor,
    elapsedProgress((line) => process.stdout.write(line)),
  );
  const { url } = parts.service;
  const service = spawn(process.execPath, ['dist/src/main.js'], {
    env: {
      ...process.env,
      ...serviceEnvironment(parts),
      RUN_MODE: 'server',
      LOG_LEVEL: 'warn',
      ...Object.fromEntries(lifted.map((name) => [`IDENTITY_LIMIT_${name}`, '100000000'])),
      ...environment(parts),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  while (!(await fetch(`${url}${BASE}/readyz`).catch(() => ({}))).ok)
    await new Promise((done) => setTimeout(done, 100));
  return {
    parts,
    url,
    pid: service.pid,
    async stop() {
      service.kill('SIGTERM');
      await supervisor.stop();
      unlock();
    },
  };
}
