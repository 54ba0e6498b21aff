/** What has to be true before compiled code can run: tools, node_modules, dist. Shared with `npm test`. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockBootstrap } from './bootstrap-lock.mjs';
import { missingTools } from './required-tools.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installedStamp = join(root, 'node_modules', '.installed-from');
const builtStamp = join(root, 'dist', '.built-from');

function say(text) {
  process.stdout.write(`[${(performance.now() / 1000).toFixed(1).padStart(5)} s] ${text}\n`);
}

function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/** The same idea as tree-hash.ts, which can't be used before it is compiled. */
function hashOf(paths, extra) {
  const hash = createHash('sha256').update(extra);
  for (const file of paths.flatMap((path) => filesBelow(join(root, path)))) {
    hash.update(`\n${file.slice(root.length)}\n`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function stampSays(path, hash) {
  return existsSync(path) && readFileSync(path, 'utf8') === hash;
}

/** Shows its output only when it fails. Ctrl-C and kill are passed on, and end the launcher when it has ended. */
function npm(args, failure) {
  return new Promise((resolve) => {
    // In a group of its own: npm then gets the signal once, from here.
    const child = spawn('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    let asked = false;
    const passOn = () => {
      asked = true;
      try {
        process.kill(-child.pid, 'SIGTERM');
      } catch {
        // ended meanwhile
      }
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, passOn);
    const keep = (text) => {
      output += text;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', keep);
    child.once('close', (code) => {
      for (const signal of signals) process.off(signal, passOn);
      if (asked) process.exit(0);
      if (code === 0) return resolve();
      process.stderr.write(`${output}\n${failure}\n`);
      process.exit(1);
    });
  });
}

async function install() {
  // The platform too: packages bring programs for one.
  const hash = hashOf(['package-lock.json'], `${process.platform}-${process.arch}`);
  if (stampSays(installedStamp, hash)) return;
  say('installing packages (npm ci)');
  // npm ci begins by removing node_modules, and the stamp with it: one that was cut short is done again.
  await npm(['ci', '--include=dev', '--no-audit', '--no-fund'], 'npm ci failed: see above.');
  writeFileSync(installedStamp, hash);
}

async function build() {
  const sources = [
    'src',
    'embedded',
    'tsconfig.json',
    'tsconfig.build.json',
    'package.json',
    'package-lock.json',
  ];
  const hash = hashOf(sources, process.version);
  if (stampSays(builtStamp, hash)) return;
  say('compiling');
  rmSync(builtStamp, { force: true });
  await npm(['run', '--silent', 'build'], 'The service does not compile: see above.');
  writeFileSync(builtStamp, hash);
}

/**
 * Ends the process with one line per missing thing when it can't go on.
 * @param parts false where nothing is started on this machine, which needs Node alone then
 */
export async function bootstrap({ parts = true } = {}) {
  const missing = parts ? await missingTools() : [];
  if (missing.length > 0) {
    process.stderr.write(`${missing.join('\n')}\n`);
    process.exit(1);
  }
  mkdirSync(join(root, '.cache'), { recursive: true });
  const unlock = await lockBootstrap(join(root, '.cache', 'bootstrap.lock'), say);
  try {
    await install();
    await build();
  } finally {
    unlock();
  }
}
