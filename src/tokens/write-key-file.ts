import { chownSync, linkSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a key that its owner alone can read: whole or not at all, and never in place of one that another process made. */
export function writeKeyFile(dir: string, name: string, text: string): void {
  const path = join(dir, name);
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, text, { mode: 0o600 });
  try {
    giveToOwnerOf(dir, partial);
    linkSync(partial, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(partial);
  }
}

/** Root writes for the service, which may be somebody else. */
function giveToOwnerOf(dir: string, path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dir);
  chownSync(path, uid, gid);
}
