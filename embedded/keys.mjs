/** `npm run keys -- …`: the operator's command for signing keys, by default against what `npm start` runs. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootstrap } from './bootstrap.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entry = join(root, 'dist', 'src', 'main.js');

// What is compiled may be running: it is left as it is.
if (!existsSync(entry)) await bootstrap();
const { keysEnvironment } = await import('../dist/embedded/keys-environment.js');
const child = spawn(process.execPath, ['--enable-source-maps', entry, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...keysEnvironment(process.env), ...process.env, RUN_MODE: 'keys' },
});
child.once('close', (code) => process.exit(code ?? 1));
