import { createConnection } from 'node:net';
import { join } from 'node:path';
import { checkoutRoot } from './checkout.js';
import { plainEnvironment } from './jdk.js';
import type { Ports } from './ports.js';
import { describeEnd, type Supervisor } from './supervisor.js';
import { waitUntil } from './wait-until.js';

/**
 * Starts the development inbox, where mail (SMTP) and SMS (HTTP) end instead of at a provider; resolves when both of
 * its ports answer. It forgets everything when it ends.
 */
export async function startInbox(options: {
  supervisor: Supervisor;
  dataDir: string;
  ports: Pick<Ports, 'inbox' | 'inboxSmtp'>;
}): Promise<void> {
  const { supervisor, dataDir, ports } = options;
  const entry = join(checkoutRoot(), 'dist', 'embedded', 'inbox', 'main.js');
  const inbox = supervisor.start({
    name: 'the inbox',
    command: process.execPath,
    args: ['--enable-source-maps', entry, String(ports.inbox), String(ports.inboxSmtp)],
    cwd: checkoutRoot(),
    env: plainEnvironment(),
    logFile: join(dataDir, 'logs', 'inbox.log'),
    pidFile: { folder: join(dataDir, 'pids'), name: 'the inbox', marker: entry },
  });
  await waitUntil({
    complaint: `The inbox did not answer (log: ${inbox.logFile})`,
    probe: async () => (await answers(ports.inbox)) && (await listens(ports.inboxSmtp)),
    deadlineMs: 30_000,
    signal: supervisor.signal,
    hopeless: () => (inbox.exit ? describeEnd(inbox, 'The inbox did not start') : undefined),
  });
}

async function answers(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/messages`, { signal: AbortSignal.timeout(1_000) });
  await answer.arrayBuffer();
  return answer.ok;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: 1_000 });
    const end = (ok: boolean) => {
      socket.destroy();
      resolve(ok);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
