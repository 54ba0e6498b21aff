import { type Child, type ChildSpec, startChild } from './child.js';
import { StartFailure, Stopped } from './start-failure.js';

/** A one-shot command; `failure` is what a person reads first when it goes wrong. */
export interface CommandSpec extends ChildSpec {
  failure: string;
  deadlineMs: number;
}

/** Watches every child of the launcher, and ends them in order. */
export interface Supervisor {
  /** A child that is to run until it is stopped. */
  start(spec: ChildSpec): Child;
  /** A command that is to end by itself, successfully. */
  run(spec: CommandSpec): Promise<void>;
  /** The same as `start`, for a child that may end by itself without anything else being stopped. */
  startUnwatched(spec: ChildSpec): Child;
  /** Rejects when a watched child ends without having been asked to; never resolves. */
  readonly crashed: Promise<never>;
  /** Aborted when stopping begins. */
  readonly signal: AbortSignal;
  /** Ends a watched child as at the end, and starts it again. @throws when there is none of that name */
  restart(name: string): Promise<void>;
  /** Ends all children, in order; others may be started afterwards. */
  stopChildren(): Promise<void>;
  /** Ends all children, in order, and starts none any more. */
  stop(): Promise<void>;
  kill(): void;
}

/** What happened to a child, its last lines, and where the rest is. */
export function describeEnd(child: Child, first: string): string {
  const { exit } = child;
  const how = exit?.error?.message ?? (exit?.signal ? `killed by ${exit.signal}` : `exit code ${exit?.code}`);
  const lines = child.lastLines(20).map((line) => `    ${line}`);
  return [`${first} (${how}). Its last lines, from ${child.logFile}:`, ...lines].join('\n');
}

/** `order`: the names of the children in the order in which they are stopped; others are stopped before them. */
export function createSupervisor(order: readonly string[]): Supervisor {
  const children = new Set<Child>();
  const abort = new AbortController();
  let reportCrash: (failure: StartFailure) => void = () => {};
  const crashed = new Promise<never>((_, reject) => {
    reportCrash = reject;
  });
  crashed.catch(() => {}); // whoever races on it hears of it; nobody racing is no fault

  function startUnwatched(spec: ChildSpec): Child {
    if (abort.signal.aborted) throw new Stopped();
    const child = startChild(spec);
    children.add(child);
    child.exited.then(() => children.delete(child));
    return child;
  }

  function start(spec: ChildSpec): Child {
    const child = startUnwatched(spec);
    child.exited.then(() => {
      if (child.stopping || abort.signal.aborted) return;
      reportCrash(new StartFailure(describeEnd(child, `${child.name} ended unexpectedly`)));
    });
    return child;
  }

  async function run(spec: CommandSpec): Promise<void> {
    const child = startUnwatched(spec);
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      child.kill();
    }, spec.deadlineMs);
    const exit = await child.exited;
    clearTimeout(deadline);
    if (abort.signal.aborted) throw new Stopped();
    if (exit.code === 0) return;
    const first = late ? `${spec.failure}: not done within ${spec.deadlineMs / 1000} s` : spec.failure;
    throw new StartFailure(describeEnd(child, first));
  }

  async function restart(name: string): Promise<void> {
    const child = [...children].find((one) => one.name === name);
    if (!child) throw new Error(`${name} does not run`);
    await child.stop();
    start(child.spec);
  }

  async function stopChildren(): Promise<void> {
    const others = [...children].filter(({ name }) => !order.includes(name));
    await Promise.all(others.map((child) => child.stop()));
    for (const name of order) {
      await Promise.all([...children].filter((child) => child.name === name).map((child) => child.stop()));
    }
  }

  async function stop(): Promise<void> {
    abort.abort();
    await stopChildren();
  }

  function kill(): void {
    abort.abort();
    for (const child of children) child.kill();
  }

  return { start, startUnwatched, run, restart, crashed, signal: abort.signal, stopChildren, stop, kill };
}
