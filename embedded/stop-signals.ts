/** What ends the launcher from outside: Ctrl-C, kill, a closed terminal. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const PARENT_CHECK_MS = 500;

/**
 * npm runs a script in a shell and passes SIGTERM to that shell alone, which dies without telling its child: when
 * the parent has changed under npm, that was a kill.
 */
function onLostNpm(stop: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(check);
    stop();
  }, PARENT_CHECK_MS).unref();
}

/**
 * The first signal calls `stop`, a second Ctrl-C or kill calls `kill`. The answer resolves when the first came.
 * Without a terminal to write to (`npm start | head`), the launcher goes on and still ends its children.
 */
export function onStopSignal(stop: () => void, kill: () => void): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return new Promise((resolve) => {
    let asked = false;
    let askedAt = 0;
    const stopOnce = () => {
      if (asked) return;
      asked = true;
      askedAt = performance.now();
      stop();
      resolve();
    };
    onLostNpm(stopOnce);
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        // npm passes Ctrl-C on to a child that the terminal has signalled already: one key press, two signals.
        if (asked && performance.now() - askedAt > 300) return kill();
        stopOnce();
      });
    }
  });
}
