import { setTimeout as after } from 'node:timers/promises';
import type { ChangesPage } from './policies-client.js';

/** Milliseconds: between two pages, so that a busy feed is not asked without a pause; and after failures. */
const PAUSE_MS = 100;
const IDLE_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 2000;

/**
 * Reads the feed of changes on and on, from where it was left: after however long a break nothing is skipped.
 * @param options.read a page after a cursor; undefined: the cursor of now
 * @param options.take is told each page, and when it was asked for
 */
export function followChanges(options: {
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<ChangesPage>;
  take: (page: ChangesPage, askedAt: number) => void;
  monotonicNow: () => number;
  onWarning: (what: string, error: unknown) => void;
}): { ready: Promise<boolean>; stop: () => void } {
  const { read, take, monotonicNow, onWarning } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  let tellReady: (ok: boolean) => void = () => undefined;
  const ready = new Promise<boolean>((resolve) => {
    tellReady = resolve;
  });
  const pause = (ms: number) =>
    after(ms * (1 + 0.2 * Math.random()), undefined, { signal, ref: false }).catch(() => undefined);

  /** A signal for each call: what hangs on one that lives as long as the process stays there. */
  async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const call = new AbortController();
    const end = () => call.abort();
    signal.addEventListener('abort', end, { once: true });
    return work(call.signal).finally(() => signal.removeEventListener('abort', end));
  }

  async function readOn(cursor: string | undefined): Promise<string> {
    const askedAt = monotonicNow();
    const page = await untilStopped((until) => read(cursor, until));
    if (signal.aborted) return page.cursor;
    take(page, askedAt);
    tellReady(true);
    // An issuer that does not wait is not asked in a loop.
    const isHasty = page.changes.length === 0 && monotonicNow() - askedAt < IDLE_PAUSE_MS;
    if (cursor !== undefined && !page.more) await pause(isHasty ? IDLE_PAUSE_MS : PAUSE_MS);
    return page.cursor;
  }

  async function follow(): Promise<void> {
    let cursor: string | undefined;
    for (let failures = 0; !signal.aborted; ) {
      try {
        cursor = await readOn(cursor);
        failures = 0;
      } catch (error) {
        tellReady(false);
        if (signal.aborted) return;
        onWarning('the changes of rights could not be read', error);
        await pause(Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** failures));
        failures += 1;
      }
    }
  }

  void follow().finally(() => tellReady(false));
  return { ready, stop: () => stopped.abort() };
}
