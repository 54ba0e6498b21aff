/**
 * `npm run timing [-- --count 1000 otp sign-in sign-up forgot-password]`: whether answers tell by their time who is known
 * (O5). Asks for known and unknown identifiers, each once, one at a time and in turns, and prints the 95 % interval of
 * the difference of medians, beside an A/A run of two lists of unknown ones. Limits by address are lifted. Of the
 * times nothing is asserted; an answer of another status, other headers or another shape ends the run.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { bootstrap } from '../embedded/bootstrap.mjs';

const { values, positionals } = parseArgs({
  options: { count: { type: 'string', default: '1000' } },
  allowPositionals: true,
});
const COUNT = Number(values.count);
const ALL = ['otp', 'sign-in', 'sign-up', 'forgot-password'];
const wanted = positionals.length > 0 ? positionals : ALL;
const unknown = wanted.filter((name) => !ALL.includes(name));
if (unknown.length > 0 || !(COUNT > 0)) {
  process.stderr.write(
    `There is no ${unknown.join(', ') || `count of ${values.count}`}; there are ${ALL.join(', ')}.\n`,
  );
  process.exit(1);
}
const BASE = '/v1/api/identity';

await bootstrap();
const { startTestParts } = await import('../dist/embedded/start-test-parts.js');
const { STOP_ORDER } = await import('../dist/embedded/start-parts.js');
const { createSupervisor } = await import('../dist/embedded/supervisor.js');
const { serviceEnvironment } = await import('../dist/embedded/service-environment.js');
const { elapsedProgress } = await import('../dist/embedded/progress.js');
const { createRuns } = await import('./timing-runs.mjs');

const supervisor = createSupervisor(STOP_ORDER);
const { parts, unlock } = await startTestParts(
  supervisor,
  elapsedProgress((line) => process.stdout.write(line)),
);
const { url } = parts.service;

function startService() {
  const lifted = [
    'SIGN_IN_PER_IDENTIFIER',
    'SIGN_IN_PER_ADDRESS',
    'OTP_PER_ADDRESS',
    'OTP_PER_ADDRESS_BLOCK',
  ];
  return spawn(process.execPath, ['dist/src/main.js'], {
    env: {
      ...process.env,
      ...serviceEnvironment(parts),
      RUN_MODE: 'server',
      LOG_LEVEL: 'warn',
      ...Object.fromEntries(lifted.map((name) => [`IDENTITY_LIMIT_${name}`, '100000000'])),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

const service = startService();
try {
  while (!(await fetch(`${url}${BASE}/readyz`).catch(() => ({}))).ok)
    await new Promise((done) => setTimeout(done, 100));
  const runs = createRuns({ parts, count: COUNT, base: `${url}${BASE}/auth` });
  for (const name of wanted) await runs[name]();
} finally {
  service.kill('SIGTERM');
  await supervisor.stop();
  unlock();
}
process.exit(0);
