import { join } from 'node:path';
import { checkoutRoot } from './checkout.js';
import type { Child } from './child.js';
import type { PartsDescription } from './parts.js';
import { serviceEntry } from './prepare-service.js';
import { serviceEnvironment } from './service-environment.js';
import { describeEnd, type Supervisor } from './supervisor.js';
import { waitUntil } from './wait-until.js';

/**
 * Starts the service, and resolves when it says that it is ready.
 * @param watched false while a developer edits it: then its end is no reason to stop the parts
 */
export async function runService(
  parts: PartsDescription,
  supervisor: Supervisor,
  watched: boolean,
): Promise<Child> {
  const entry = serviceEntry();
  const service = (watched ? supervisor.start : supervisor.startUnwatched)({
    name: 'the service',
    command: process.execPath,
    args: ['--enable-source-maps', entry],
    cwd: checkoutRoot(),
    // Whatever else the person has set, such as LOG_LEVEL or a limit, is passed on.
    env: { ...(process.env as Record<string, string>), ...serviceEnvironment(parts) },
    logFile: join(parts.dataDir, 'logs', 'service.log'),
    pidFile: { folder: join(parts.dataDir, 'pids'), name: 'the service', marker: entry },
    echo: !watched,
    stopWithinMs: 15_000,
  });
  await waitUntil({
    complaint: `The service was not ready (log: ${service.logFile})`,
    probe: () => ready(parts.service.url),
    deadlineMs: 60_000,
    signal: supervisor.signal,
    hopeless: () => (service.exit ? describeEnd(service, 'The service did not start') : undefined),
  });
  return service;
}

async function ready(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/v1/api/identity/readyz`, { signal: AbortSignal.timeout(5_000) });
  await answer.arrayBuffer();
  return answer.status === 200;
}
