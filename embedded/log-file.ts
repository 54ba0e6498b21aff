import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';

const ROTATE_BYTES = 5 * 1024 * 1024;
const KEPT = 3;
const TAIL_BYTES = 16 * 1024;

/** A child's log: appended to over restarts, moved aside at a start when it has grown. */
export interface LogFile {
  path: string;
  fd: number;
  /** What was written since this start: the last `count` lines. */
  lastLines(count: number): string[];
  close(): void;
}

function rotate(path: string): void {
  if (!existsSync(path) || statSync(path).size < ROTATE_BYTES) return;
  for (let n = KEPT - 1; n >= 1; n--) {
    if (existsSync(`${path}.${n}`)) renameSync(`${path}.${n}`, `${path}.${n + 1}`);
  }
  renameSync(path, `${path}.1`);
}

export function openLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  rotate(path);
  const fd = openSync(path, 'a', 0o600);
  const begin = fstatSync(fd).size;
  return {
    path,
    fd,
    lastLines: (count) => lastLines(path, begin, count),
    close: () => closeSync(fd),
  };
}

function lastLines(path: string, begin: number, count: number): string[] {
  const fd = openSync(path, 'r');
  try {
    const size = fstatSync(fd).size;
    const from = Math.max(begin, size - TAIL_BYTES);
    const buffer = Buffer.alloc(Math.max(0, size - from));
    readSync(fd, buffer, 0, buffer.length, from);
    return buffer.toString().trimEnd().split('\n').slice(-count);
  } finally {
    closeSync(fd);
  }
}
