import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a scratch tree keeps from run to run: builds, and what an earlier run that was killed left running. */
const KEPT = new Set(['.cache', '.data']);

/**
 * A copy of the checkout, uncommitted changes included, with builds and data of its own: mutations touch nothing
 * else, so a killed run leaves none behind where somebody works.
 */
export function makeScratchTree(root, tree) {
  mkdirSync(tree, { recursive: true });
  for (const name of readdirSync(tree)) {
    if (!KEPT.has(name)) rmSync(join(tree, name), { recursive: true, force: true });
  }
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 1 << 24 };
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], options);
  for (const name of listed.split('\0').filter((path) => path && existsSync(join(root, path)))) {
    mkdirSync(dirname(join(tree, name)), { recursive: true });
    copyFileSync(join(root, name), join(tree, name));
  }
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  cpSync(join(root, 'dist'), join(tree, 'dist'), { recursive: true, preserveTimestamps: true });
  linkBuilds(join(root, '.cache'), join(tree, '.cache'));
  return tree;
}

/** Hard links: downloads and builds are only ever read, or replaced whole. */
function linkBuilds(from, to) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (/partial|lock/.test(name) || existsSync(join(to, name))) continue;
    execFileSync('cp', ['-al', join(from, name), join(to, name)]);
  }
}

/** `git apply` in a tree that is no repository of its own; answers git's complaint, or nothing. */
export function gitApply(tree, patch, ...options) {
  const { status, stderr } = spawnSync('git', ['apply', ...options, patch], {
    cwd: tree,
    encoding: 'utf8',
    // Else git finds the checkout around the tree, and skips the patch as none of its business.
    env: { ...process.env, GIT_CEILING_DIRECTORIES: dirname(tree) },
  });
  return status === 0 ? undefined : stderr.trim() || `git apply ended with ${status}`;
}
