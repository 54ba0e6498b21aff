/** What ends the launcher from outside: Ctrl-C, kill, a closed terminal. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The first signal calls `stop`, a second Ctrl-C or kill calls `kill`. The answer resolves when the first came.
 * Without a terminal to write to (`npm start | head`), the launcher goes on and still ends its children.
 */
export function onStopSignal(stop: () => void, kill: () => void): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return new Promise((resolve) => {
    let asked = false;
    let askedAt = 0;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        // npm passes Ctrl-C on to a child that the terminal has signalled already: one key press, two signals.
        if (asked && performance.now() - askedAt > 300) return kill();
        if (asked) return;
        asked = true;
        askedAt = performance.now();
        stop();
        resolve();
      });
    }
  });
}
