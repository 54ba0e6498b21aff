import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkoutRoot } from './checkout.js';
import type { Child } from './child.js';
import type { Progress } from './progress.js';
import { Stopped } from './start-failure.js';
import { treeHash } from './tree-hash.js';

const LOOK_EVERY_MS = 300;

/** Compiles into dist/, or leaves dist/ as it was when there are errors. */
function compile(root: string): Promise<{ ok: boolean; output: string }> {
  // dist/ no longer is what the bootstrap built: the next start builds it again.
  rmSync(join(root, 'dist', '.built-from'), { force: true });
  return new Promise((resolve) => {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const child = spawn(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noEmitOnError'], {
      cwd: root,
    });
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    child.stderr.on('data', (text) => {
      output += text;
    });
    child.once('error', (error) => resolve({ ok: false, output: error.message }));
    child.once('close', (code) => resolve({ ok: code === 0, output }));
  });
}

/**
 * Rebuilds and restarts the service on every change below src/; the parts stay up. What doesn't compile is
 * reported and the old service goes on; a service that doesn't start is reported, and waits for the next change.
 * @param start starts the service and resolves when it is ready
 */
export async function watchService(
  first: Child,
  start: () => Promise<Child>,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const root = checkoutRoot();
  let service = first;

  async function rebuild(): Promise<void> {
    const { ok, output } = await compile(root);
    if (!ok) return progress(`does not compile, the service goes on as it was:\n${output}`);
    await service.stop();
    service = await start();
    progress('service: restarted');
  }

  // Looked at rather than listened to: on Linux, fs.watch loses files that an editor replaces by renaming.
  const look = () => treeHash(root, ['src']);
  let built = look();
  for (let before = built; !signal.aborted; ) {
    await sleep(LOOK_EVERY_MS);
    const now = look();
    const settled = now === before; // editors write a file in several steps, and several files at once
    before = now;
    if (!settled || now === built) continue;
    built = now;
    await rebuild().catch((error: Error) => {
      if (!(error instanceof Stopped)) progress(`${error.message}\nwaiting for the next change`);
    });
  }
}
