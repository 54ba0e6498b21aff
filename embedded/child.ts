import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { openLogFile } from './log-file.js';
import type { OsUser } from './os-user.js';
import { type PidFile, writePidFile } from './pid-file.js';

export interface ChildSpec {
  /** As a person calls it, e.g. "Keycloak". */
  name: string;
  command: string;
  args: readonly string[];
  env: Record<string, string>;
  cwd: string;
  logFile: string;
  /** Another system user to run as; only root can. */
  user?: OsUser | undefined;
  /** Remembers the child, so that the next start can end it if this launcher is killed. */
  pidFile?: PidFile;
  /** Also shows the output at the terminal. */
  echo?: boolean;
  stopSignal?: NodeJS.Signals;
  /** How long it may take to end by itself before it is killed. */
  stopWithinMs?: number;
}

export interface ChildExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  error?: Error;
}

export interface Child {
  /** As it was started. */
  readonly spec: ChildSpec;
  readonly name: string;
  readonly pid: number | undefined;
  readonly logFile: string;
  /** Undefined while it runs. */
  readonly exit: ChildExit | undefined;
  /** True from the moment that somebody asked it to end. */
  readonly stopping: boolean;
  readonly exited: Promise<ChildExit>;
  lastLines(count: number): string[];
  stop(): Promise<void>;
  kill(): void;
}

/** A group that is gone already, or that became another user's, is no fault. */
function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // gone
  }
}

/**
 * Starts a child in a process group of its own: Ctrl-C reaches the launcher only, which then ends the
 * children in order, and a child's own children (java below kc.sh) are ended with it.
 */
export function startChild(spec: ChildSpec): Child {
  const log = openLogFile(spec.logFile);
  const output = spec.echo ? 'pipe' : log.fd;
  const started: ChildProcess = spawn(spec.command, [...spec.args], {
    cwd: spec.cwd,
    env: spec.env,
    detached: true,
    stdio: ['ignore', output, output],
    ...(spec.user ? { uid: spec.user.uid, gid: spec.user.gid } : {}),
  });
  if (spec.echo) showAndKeep(started, spec.logFile);
  const forgetPid = spec.pidFile && started.pid ? writePidFile(spec.pidFile, started.pid) : () => {};

  let exit: ChildExit | undefined;
  let stopping = false;
  const killGroup = () => {
    if (started.pid) signalQuietly(-started.pid, 'SIGKILL');
  };
  const exited = new Promise<ChildExit>((resolve) => {
    const end = (how: ChildExit) => {
      if (exit) return;
      exit = how;
      forgetPid();
      log.close();
      resolve(how);
    };
    started.once('error', (error) => end({ code: null, signal: null, error }));
    started.once('exit', (code, signal) => {
      killGroup(); // what a dead parent leaves behind would hold its port, and its output
      // Its last output may still be on the way, but who has a copy of it for long is none of ours.
      setTimeout(() => end({ code, signal }), 2_000).unref();
    });
    started.once('close', (code, signal) => end({ code, signal }));
  });

  async function stop(): Promise<void> {
    stopping = true;
    if (exit || !started.pid) return;
    const patience = setTimeout(killGroup, spec.stopWithinMs ?? 10_000);
    signalQuietly(started.pid, spec.stopSignal ?? 'SIGTERM');
    await exited;
    clearTimeout(patience);
  }

  return {
    spec,
    name: spec.name,
    pid: started.pid,
    logFile: spec.logFile,
    get exit() {
      return exit;
    },
    get stopping() {
      return stopping;
    },
    exited,
    lastLines: log.lastLines,
    stop,
    kill: () => {
      stopping = true;
      killGroup();
    },
  };
}

function showAndKeep(started: ChildProcess, path: string): void {
  const copy = createWriteStream(path, { flags: 'a' });
  for (const [from, to] of [
    [started.stdout, process.stdout],
    [started.stderr, process.stderr],
  ] as const) {
    from?.pipe(to, { end: false });
    from?.pipe(copy, { end: false });
  }
  started.once('close', () => copy.end());
}
