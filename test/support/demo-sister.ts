import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TestService } from './service.js';

/** The kit's example as somebody would run it: a process of its own, with the built kit and what else it imports installed. */
export async function startDemoSister(service: TestService, environment: Record<string, string> = {}) {
  await promisify(execFile)('node', ['verifier/build.mjs']);
  const folder = mkdtempSync(join(tmpdir(), 'nx-sister-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@nx-identity'), { recursive: true });
  symlinkSync(resolve('verifier'), join(modules, '@nx-identity', 'verifier'));
  symlinkSync(resolve('node_modules/express'), join(modules, 'express'));
  symlinkSync(resolve('.'), join(modules, 'nx-identity'));
  copyFileSync('verifier/examples/sister.mjs', join(folder, 'sister.mjs'));
  const { issuer } = service.infrastructure.config.tokens;
  const sister = spawn('node', [join(folder, 'sister.mjs')], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      IDENTITY_URL: service.url,
      IDENTITY_ISSUER: issuer,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(sister.stdout, 'data');
  return {
    url: `http://127.0.0.1:${Number(String(port))}`,
    stop() {
      sister.kill();
      rmSync(folder, { recursive: true });
    },
  };
}
