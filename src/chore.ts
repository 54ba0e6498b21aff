import type { Running } from './running.js';
import type { Logger } from './telemetry/logger.js';

export interface Chore {
  /** Milliseconds between the end of one run and the next. */
  every: number;
  work: () => Promise<unknown>;
  /** What the log says when it fails; the next run comes all the same. */
  complaint: string;
}

/** Runs at once, and again so long after each end: never twice at a time. Stopping waits for a run that is under way. */
export function startChore({ every, work, complaint }: Chore, logger: Logger): Running {
  let stopped = false;
  let wake: () => void = () => undefined;
  const running = (async () => {
    while (!stopped) {
      await work().catch((error: unknown) => logger.warn({ err: error }, complaint));
      if (stopped) return; // while it worked: nobody would wake it
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, every).unref();
      });
    }
  })();
  return {
    async stop() {
      stopped = true;
      wake();
      await running;
    },
  };
}
