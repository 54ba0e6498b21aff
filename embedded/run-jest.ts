import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { checkoutRoot } from './checkout.js';
import { StartFailure } from './start-failure.js';
import type { Supervisor } from './supervisor.js';

/** Longer than any run should take, so that a hanging test ends as a failure. */
const DEADLINE_MIN = 60;

/** Runs jest to its end, its output going to the terminal; what it found is in `resultFile`. */
export async function runJest(options: {
  supervisor: Supervisor;
  /** The parts' description, for test/parts.ts. */
  file: string;
  resultFile: string;
  /** Whether this process restarts Keycloak upon SIGUSR2, for test/support/restart-keycloak.ts. */
  restarts?: boolean;
  args: readonly string[];
}): Promise<void> {
  const require = createRequire(join(checkoutRoot(), 'package.json'));
  const jest = join(dirname(require.resolve('jest/package.json')), 'bin', 'jest.js');
  const given = process.env.NODE_OPTIONS ? `${process.env.NODE_OPTIONS} ` : '';
  const child = options.supervisor.startUnwatched({
    name: 'jest',
    command: process.execPath,
    args: [jest, '--json', `--outputFile=${options.resultFile}`, '--forceExit', ...options.args],
    cwd: checkoutRoot(),
    env: {
      ...(process.env as Record<string, string>),
      NODE_OPTIONS: `${given}--experimental-vm-modules --disable-warning=ExperimentalWarning`,
      NX_TEST_PARTS: options.file,
      ...(options.restarts ? { NX_TEST_LAUNCHER: String(process.pid) } : {}),
      ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
    },
    logFile: join(dirname(options.resultFile), 'logs', 'jest.log'),
    echo: true,
  });
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    child.kill();
  }, DEADLINE_MIN * 60_000);
  await child.exited;
  clearTimeout(deadline);
  if (late) throw new StartFailure(`The tests did not end within ${DEADLINE_MIN} minutes`);
}
