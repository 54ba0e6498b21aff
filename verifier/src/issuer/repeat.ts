/** After a failure the next try comes sooner, but not as a storm. */
const AFTER_FAILURE_S = 5;
/** Replicas started together do not ask together for ever. */
const JITTER = 0.1;

/**
 * Runs `task` now and then again and again in the background, never twice at once, and keeps no process alive by it.
 * @param options.everyS seconds; false: only now
 * @param options.task resolves to false when it failed
 */
export function repeat(options: { everyS: number | false; task: () => Promise<boolean> }): {
  first: Promise<boolean>;
  stop: () => void;
} {
  const { everyS, task } = options;
  let timer: NodeJS.Timeout | undefined;
  let stopped = everyS === false;
  const plan = (ok: boolean) => {
    if (stopped || everyS === false) return;
    const seconds = ok ? everyS : Math.min(everyS, AFTER_FAILURE_S);
    timer = setTimeout(() => task().then(plan), seconds * 1000 * (1 + JITTER * (2 * Math.random() - 1)));
    timer.unref();
  };
  const first = task();
  void first.then(plan);
  return {
    first,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
