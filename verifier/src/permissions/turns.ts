/** So many at a time; the others wait for their turn. */
export interface Turns {
  /** Runs `work` when it is its turn. @throws Error when the signal comes first; then `work` is not run */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** Keeps a change that many wait for from becoming as many calls at once. */
export function createTurns(atOnce: number): Turns {
  let running = 0;
  const waiting = new Set<() => void>();

  const turn = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const take = () => {
        signal.removeEventListener('abort', giveUp);
        waiting.delete(take);
        running += 1;
        resolve();
      };
      const giveUp = () => {
        waiting.delete(take);
        reject(signal.reason);
      };
      if (signal.aborted) return giveUp();
      if (running < atOnce) return take();
      waiting.add(take);
      signal.addEventListener('abort', giveUp, { once: true });
    });

  return {
    async run(work, signal) {
      await turn(signal);
      try {
        return await work();
      } finally {
        running -= 1;
        const [next] = waiting;
        next?.();
      }
    },
  };
}
