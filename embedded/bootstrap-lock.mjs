/** `npm start` and `npm test` may begin together: one installs and compiles, the other waits. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 600_000;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function holderOf(path) {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return 0;
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

/** Takes the lock, or takes it over from a process that is gone; the answer lets go of it. */
export async function lockBootstrap(path, say) {
  const remove = () => rmSync(path, { force: true });
  const release = () => {
    if (holderOf(path) === process.pid) remove();
  };
  const end = performance.now() + PATIENCE_MS;
  let said = false;
  while (!take(path)) {
    const holder = holderOf(path);
    // A holder of 0 is one that has made the file and not written it yet, unless it stays so.
    if (holder > 0 ? !isAlive(holder) : said) remove();
    else if (!said) say(`waiting for another start that installs or compiles (pid ${holder || 'unknown'})`);
    said = true;
    if (performance.now() > end) {
      process.stderr.write(
        `Another start (pid ${holder}) holds ${path} for ten minutes: end it, or remove the file.\n`,
      );
      process.exit(1);
    }
    await sleep(500);
  }
  process.once('exit', release);
  return release;
}
