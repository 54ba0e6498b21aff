import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runningProcesses } from './process-list.js';

/** Half-made things carry the pid of their maker: removes those whose maker was killed. */
export function removeLeftovers(cacheDir: string): void {
  mkdirSync(cacheDir, { recursive: true });
  const alive = new Set(runningProcesses().map(({ pid }) => pid));
  for (const name of readdirSync(cacheDir)) {
    const maker = /\.partial-(\d+)/.exec(name)?.[1];
    if (maker && !alive.has(Number(maker))) rmSync(join(cacheDir, name), { recursive: true, force: true });
  }
}
