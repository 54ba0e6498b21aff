import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const INSTALL_MS = 600_000;

/**
 * Where a Python package's command is, installed once for each list of requirements.
 * @param requirements the list's path
 * @throws when pip can't
 */
export async function installPythonTool(name, command, requirements) {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const venv = resolve('.cache', `${name}-${hash}`);
  if (!existsSync(join(venv, '.whole'))) {
    rmSync(venv, { recursive: true, force: true }); // one that was cut short
    await run('python3', ['-m', 'venv', venv]);
    const options = ['install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    await run(join(venv, 'bin/pip'), options, { timeout: INSTALL_MS });
    mkdirSync(join(venv, '.whole'));
  }
  return join(venv, 'bin', command);
}
