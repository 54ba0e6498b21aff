/** A refusal that a person can act on: shown as its message alone, without a stack. */
export class StartFailure extends Error {
  override name = 'StartFailure';
}

/** Thrown by waits and commands that were cut short because everything is being stopped. */
export class Stopped extends Error {
  override name = 'Stopped';
}
