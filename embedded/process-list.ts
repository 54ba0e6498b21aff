import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** One running process, as far as it takes to recognise it. */
export interface RunningProcess {
  pid: number;
  /** Process group: what we start leads a group of its own, so its own children are found by it. */
  group: number;
  command: string;
  /** When it began, in the system's words; with the pid it names a process for good. */
  began: string;
}

/** /proc rather than ps where there is one: a slim Debian has no ps. */
function fromProc(pid: string): RunningProcess[] {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the fields after it may not.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return [];
    return [{ pid: Number(pid), group: Number(fields[2]), command, began: fields[19] ?? '' }];
  } catch {
    return []; // it ended meanwhile
  }
}

function fromPs(): RunningProcess[] {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const lines = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,pgid=,stat=,lstart=,command='], {
    encoding: 'utf8',
    env,
    maxBuffer: 64 * 1024 * 1024,
  });
  return lines.split('\n').flatMap((line) => {
    const found = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.*)$/.exec(line);
    if (!found || found[3]?.startsWith('Z')) return [];
    return [
      { pid: Number(found[1]), group: Number(found[2]), began: found[4] ?? '', command: found[5] ?? '' },
    ];
  });
}

/** All processes that run now, without those that have ended and only wait for their parent. */
export function runningProcesses(): RunningProcess[] {
  if (!existsSync('/proc/self/stat')) return fromPs();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(fromProc);
}
