import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this checkout's package.json; the same from embedded/ and from dist/embedded/. */
export function checkoutRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    if (folder === dirname(folder)) throw new Error('no package.json above embedded/');
    folder = dirname(folder);
  }
  return folder;
}

/** Short and stable name of a path, for folders outside the checkout. */
export function pathId(path: string): string {
  return createHash('sha256').update(resolve(path)).digest('hex').slice(0, 12);
}
