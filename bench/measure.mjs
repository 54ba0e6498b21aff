import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Node runs on

/** User and system seconds that a process has used (Linux). */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Successful operations per CPU-second of the server while `count` of them run, `width` at a time. */
export async function rate({ pid, count, width, operation }) {
  let next = 0;
  let succeeded = 0;
  const before = cpuSeconds(pid);
  const lane = async (index) => {
    while (next++ < count) {
      if (await operation(index)) succeeded += 1;
    }
  };
  await Promise.all(Array.from({ length: width }, (_, index) => lane(index)));
  if (succeeded < count) throw new Error(`only ${succeeded} of ${count} succeeded`);
  return succeeded / (cpuSeconds(pid) - before);
}

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
