import { setTimeout as sleep } from 'node:timers/promises';
import { StartFailure, Stopped } from './start-failure.js';

export interface Wait {
  /** Completes the sentence "… within 60 s", e.g. "Redis did not answer". */
  complaint: string;
  /** True when it is so; a rejection counts as not yet. It must have a time limit of its own. */
  probe: () => Promise<boolean>;
  deadlineMs: number;
  everyMs?: number;
  /** Ends the wait early when everything is being stopped. */
  signal?: AbortSignal;
  /** Ends the wait early when it returns a reason why it can't succeed any more. */
  hopeless?: () => string | undefined;
}

/** Asks again and again, never past the deadline. */
export async function waitUntil(wait: Wait): Promise<void> {
  const end = performance.now() + wait.deadlineMs;
  for (;;) {
    if (wait.signal?.aborted) throw new Stopped();
    if (await wait.probe().catch(() => false)) return;
    const hopeless = wait.hopeless?.();
    if (hopeless) throw new StartFailure(hopeless);
    if (performance.now() > end) {
      throw new StartFailure(`${wait.complaint} within ${Math.round(wait.deadlineMs / 1000)} s`);
    }
    await sleep(wait.everyMs ?? 150);
  }
}
