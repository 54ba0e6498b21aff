import { execFileSync } from 'node:child_process';
import { StartFailure } from './start-failure.js';

export interface OsUser {
  uid: number;
  gid: number;
}

function idOf(name: string): OsUser | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/**
 * PostgreSQL refuses to run as root: then it runs as the system user `postgres`, made here if missing.
 * Anyone else runs it as themselves, and gets undefined.
 */
export function postgresUser(): OsUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const known = idOf('postgres');
  if (known) return known;
  try {
    execFileSync('groupadd', ['--force', '--system', 'postgres'], { stdio: 'ignore' });
    execFileSync('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres'], {
      stdio: 'ignore',
    });
  } catch {
    // said below
  }
  const made = idOf('postgres');
  if (made) return made;
  throw new StartFailure(
    'PostgreSQL refuses to run as root, and no system user "postgres" could be made: run as another user, or add one.',
  );
}
