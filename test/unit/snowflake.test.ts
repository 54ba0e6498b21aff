import { expect, test } from '@jest/globals';
import { createSnowflake } from '../../src/database/snowflake.js';

const EPOCH = Date.UTC(2025, 0, 1);
const parts = (id: string) => ({
  time: Number(BigInt(id) >> 22n) + EPOCH,
  worker: Number((BigInt(id) >> 12n) & 1023n),
  sequence: Number(BigInt(id) & 4095n),
});

test('an id holds milliseconds since 2025, worker and sequence (R1)', () => {
  const now = Date.UTC(2026, 5, 1);
  const nextId = createSnowflake({ workerId: () => 17, now: () => now, floor: () => 0 });
  expect(parts(nextId())).toEqual({ time: now, worker: 17, sequence: 0 });
  expect(parts(nextId())).toEqual({ time: now, worker: 17, sequence: 1 });
});

test('ids stay unique and grow through 10,000 in one millisecond and a clock that goes back (R1)', () => {
  let now = Date.UTC(2026, 5, 1);
  const nextId = createSnowflake({ workerId: () => 1, now: () => now, floor: () => 0 });
  const ids = Array.from({ length: 10_000 }, (_, index) => {
    if (index === 5000) now -= 1000;
    return BigInt(nextId());
  });
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual([...ids].sort((a, b) => (a < b ? -1 : 1)));
});

test('no id lies before what the last holder of the worker id may have made (R1)', () => {
  const now = Date.UTC(2026, 5, 1);
  const nextId = createSnowflake({ workerId: () => 1, now: () => now, floor: () => now + 5000 });
  expect(parts(nextId()).time).toBe(now + 5000);
});
