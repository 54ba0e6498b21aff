import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ServiceProcess {
  /** Everything written so far, stdout and stderr. */
  output(): string;
  /** Resolves when the output holds the text; rejects when the process ends first. */
  says(text: string): Promise<void>;
  exit: Promise<{ code: number | null; signal: string | null }>;
  kill(signal: NodeJS.Signals): void;
}

/** The built service as a process of its own, with exactly this environment. */
export function spawnService(environment: Record<string, string>, args: string[] = []): ServiceProcess {
  const child: ChildProcess = spawn(process.execPath, ['dist/src/main.js', ...args], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      text += data.toString();
      for (const listener of listeners) listener();
    });
  }
  const exit = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  return {
    output: () => text,
    exit,
    kill: (signal) => child.kill(signal),
    says: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => text.includes(wanted) && resolve();
        listeners.add(look);
        look();
        exit.then(() => reject(new Error(`ended without saying "${wanted}":\n${text}`)));
      }),
  };
}
