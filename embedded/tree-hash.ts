import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Folders that hold what a build wrote, never what it was made from. */
const PRODUCTS = new Set(['node_modules', 'target', 'dist']);

function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => !PRODUCTS.has(name))
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/**
 * SHA-256 (hex) over names and contents of the files in `paths`, which are relative to `root` and may be missing;
 * `extra` is what else the product depends on, such as a version or build options.
 */
export function treeHash(root: string, paths: readonly string[], extra: readonly string[] = []): string {
  const hash = createHash('sha256').update(JSON.stringify(extra));
  for (const file of paths.flatMap((path) => filesBelow(join(root, path)))) {
    const content = readFileSync(file);
    hash.update(`\n${relative(root, file)} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}
