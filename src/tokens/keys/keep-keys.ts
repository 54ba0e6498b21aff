import type { KeyRing } from './key-ring.js';
import { isTurning, type TendKeys } from './tend-keys.js';

/** Milliseconds between looks at keys that stand still. */
const TEND_EVERY_MS = 10_000;

/** What a server does each second: looks, and takes the keys' next step where there may be one. */
export function createKeepKeys(options: {
  ring: KeyRing;
  tend: TendKeys['tend'];
  monotonicNow: () => number;
}): () => Promise<void> {
  const { ring, tend, monotonicNow } = options;
  let tended = Number.NEGATIVE_INFINITY;
  return async () => {
    await ring.look();
    const now = monotonicNow();
    if (!isTurning(ring.keys(), ring.held()) && now < tended + TEND_EVERY_MS) return;
    await tend(ring.held());
    tended = now;
    await ring.look();
  };
}
