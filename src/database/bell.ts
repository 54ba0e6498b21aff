/** Wakes whoever waits for work, so that nobody has to look often. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring (one that came since the last wait counts), or after this time. */
  wait(atMostMs: number): Promise<void>;
}

/** For one waiter. */
export function createBell(): Bell {
  let rung = false;
  let wake: () => void = () => undefined;
  return {
    ring() {
      rung = true;
      wake();
    },
    async wait(atMostMs) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, atMostMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
      wake = () => undefined;
    },
  };
}
