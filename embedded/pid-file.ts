import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningProcess, runningProcesses } from './process-list.js';
import type { Progress } from './progress.js';
import { waitUntil } from './wait-until.js';

/** Where a child's pid is kept, and how it is told from a stranger that got its number later. */
export interface PidFile {
  folder: string;
  name: string;
  /** A path of ours that stands in its command line. */
  marker: string;
  /** The polite way to end it. */
  stopSignal?: NodeJS.Signals;
}

interface Remembered {
  name: string;
  pid: number;
  marker: string;
  stopSignal: NodeJS.Signals;
}

/** Remembers a child; the answer forgets it. */
export function writePidFile(file: PidFile, pid: number): () => void {
  mkdirSync(file.folder, { recursive: true });
  const path = join(file.folder, `${file.name}.json`);
  const remembered: Remembered = {
    name: file.name,
    pid,
    marker: file.marker,
    stopSignal: file.stopSignal ?? 'SIGTERM',
  };
  writeFileSync(path, JSON.stringify(remembered), { mode: 0o600 });
  return () => rmSync(path, { force: true });
}

function read(path: string): Remembered | undefined {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8'));
    const whole = Number.isInteger(value.pid) && value.pid > 1 && value.marker && value.stopSignal;
    return whole ? value : undefined;
  } catch {
    return undefined; // cut short by the kill that left it behind
  }
}

/** The remembered process and its group, but only those whose command line is ours. */
function survivors(remembered: Remembered): RunningProcess[] {
  return runningProcesses().filter(
    ({ pid, group, command }) =>
      (pid === remembered.pid || group === remembered.pid) &&
      pid !== process.pid &&
      command.includes(remembered.marker),
  );
}

function signalAll(processes: readonly RunningProcess[], signal: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch {
      // ended meanwhile
    }
  }
}

/**
 * Ends what an earlier run left behind when it was killed, in the order given (first to end first).
 * A pid that belongs to something else by now is left alone, and its file is removed.
 */
export async function endEarlierRun(
  folder: string,
  order: readonly string[],
  progress: Progress,
  patienceMs = 15_000,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const left = files.flatMap((name) => read(join(folder, name)) ?? []);
  for (const remembered of left.sort((a, b) => rank(a.name) - rank(b.name))) {
    const found = survivors(remembered);
    if (found.length === 0) continue;
    progress(`ending ${remembered.name} of an earlier run that was killed (pid ${found[0]?.pid})`);
    const gone = async () => survivors(remembered).length === 0;
    const complaint = `${remembered.name} of an earlier run (pid ${remembered.pid}) did not end`;
    signalAll(found.slice(0, 1), remembered.stopSignal);
    await waitUntil({ complaint, probe: gone, deadlineMs: patienceMs }).catch(() => {
      signalAll(survivors(remembered), 'SIGKILL');
      return waitUntil({ complaint, probe: gone, deadlineMs: 5_000 });
    });
  }
  for (const name of files) rmSync(join(folder, name), { force: true });
}
