import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runningProcesses } from './process-list.js';
import { StartFailure } from './start-failure.js';

const LOCK = 'launcher.json';

const lockPath = (dataDir: string) => join(dataDir, LOCK);

function holder(path: string): { pid: number; began: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Refuses, without touching anything, while a launcher with this data directory is alive. */
export function assertNotRunning(dataDir: string): void {
  const held = holder(lockPath(dataDir));
  const alive = runningProcesses().find(({ pid, began }) => pid === held?.pid && began === held.began);
  if (!alive || alive.pid === process.pid) return;
  throw new StartFailure(
    `Already running from this checkout (pid ${alive.pid}, data in ${dataDir}): stop that one first, by Ctrl-C or kill ${alive.pid}.`,
  );
}

/**
 * One launcher a data directory. A lock whose process is gone (or whose pid is another process by now) is
 * taken over. The answer lets go of it.
 */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  assertNotRunning(dataDir);
  const path = lockPath(dataDir);
  rmSync(path, { force: true });
  const began = runningProcesses().find(({ pid }) => pid === process.pid)?.began ?? '';
  try {
    writeFileSync(path, JSON.stringify({ pid: process.pid, began }), { flag: 'wx', mode: 0o600 });
  } catch {
    throw new StartFailure(`Another start of this checkout began at the same moment (${path}).`);
  }
  return () => rmSync(path, { force: true });
}

/** Removes everything in a data directory that this launcher holds, but for the lock itself. */
export function emptyDataDir(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (name !== LOCK) rmSync(join(dataDir, name), { recursive: true, force: true });
  }
}
