/**
 * `npm run ops -- …`: the operator's commands, against what `npm start` runs; with `--compose` first, against what
 * `docker compose up` runs. `drill alerts` has parts of its own.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap } from './bootstrap.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entry = join(root, 'dist', 'src', 'main.js');
const args = process.argv.slice(2);

function run(command, commandArgs, env) {
  const child = spawn(command, commandArgs, { cwd: root, stdio: 'inherit', env });
  child.once('error', ({ message }) => {
    process.stderr.write(`${message}\n`);
    process.exit(1);
  });
  child.once('close', (code) => process.exit(code ?? 1));
}

if (args[0] === 'drill' && args[1] === 'alerts') {
  // Of this checkout, with parts of its own: the service's image has neither Prometheus nor anything to break.
  run(process.execPath, [join(root, 'deploy', 'drill', 'drill-alerts.mjs'), ...args.slice(2)], process.env);
} else if (args[0] === '--compose') {
  run('docker', ['compose', 'run', '--rm', '--no-deps', '-T', 'ops', ...args.slice(1)], process.env);
} else {
  // What is compiled may be running: it is left as it is.
  if (!existsSync(entry)) await bootstrap();
  const { operationsEnvironment } = await import('../dist/embedded/operations-environment.js');
  const env = { ...operationsEnvironment(process.env), ...process.env, RUN_MODE: 'ops' };
  run(process.execPath, ['--enable-source-maps', entry, ...args], env);
}
