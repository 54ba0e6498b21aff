/** Milliseconds since 1970 at 2025-01-01T00:00:00Z, where the platform's ids begin. */
const EPOCH = 1_735_689_600_000n;
const WORKER_BITS = 10n;
const SEQUENCE_BITS = 12n;
const LAST_SEQUENCE = (1n << SEQUENCE_BITS) - 1n;

/** Gives the platform's ids: 48 bits of milliseconds, 10 bits worker, 12 bits sequence; as decimal text. */
export type NextId = () => string;

/**
 * @param workerId the leased worker id (0-1023); throws when the lease is lost, and then no id is made
 * @param floor milliseconds since 1970 that ids must lie after: where the worker id's last holder may have stopped
 */
export function createSnowflake(options: {
  workerId: () => number;
  now: () => number;
  floor: () => number;
}): NextId {
  let lastTime = 0n;
  let sequence = 0n;
  return () => {
    const workerId = BigInt(options.workerId());
    const now = BigInt(Math.max(options.now(), options.floor())) - EPOCH;
    if (now > lastTime) {
      lastTime = now;
      sequence = 0n;
    } else if (sequence < LAST_SEQUENCE) {
      sequence += 1n;
    } else {
      // 4096 ids in one millisecond, or a clock that went back: borrow the next millisecond, stay unique.
      lastTime += 1n;
      sequence = 0n;
    }
    return ((lastTime << (WORKER_BITS + SEQUENCE_BITS)) | (workerId << SEQUENCE_BITS) | sequence).toString();
  };
}
