import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MUTATIONS = dirname(fileURLToPath(import.meta.url));

/** What has to be made again before the test sees the change, the cheapest first. */
export const REBUILDS = ['none', 'service', 'database', 'bridge'];

/** Every `*.patch` beside this file: header lines `promise:`, `test:`, `rebuild:`, then the diff. */
export function readMutations() {
  return readdirSync(MUTATIONS)
    .filter((name) => name.endsWith('.patch'))
    .sort()
    .map(readMutation);
}

function readMutation(fileName) {
  const path = join(MUTATIONS, fileName);
  const [head, ...diff] = readFileSync(path, 'utf8').split(/^(?=diff --git )/m);
  const headers = Object.fromEntries(
    head
      .trim()
      .split('\n')
      .map((line) => line.split(/: (.*)/s).slice(0, 2)),
  );
  const [testFile, title] = headers.test?.split(' :: ') ?? [];
  const { promise, rebuild = 'none' } = headers;
  if (!promise || !testFile || !title || !REBUILDS.includes(rebuild) || diff.length === 0)
    throw new Error(`${path} needs the lines promise:, test: <file> :: <title>, and a diff`);
  const touched = diff.map((part) => /^diff --git a\/(\S+)/.exec(part)?.[1] ?? '');
  return { name: fileName.slice(0, -'.patch'.length), path, promise, testFile, title, rebuild, touched };
}

/** What jest's -t takes for a title as the source spells it: `%s` and its like stand for any text. */
export function titlePattern(title) {
  return title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/%(\d\\\$)?[sijdfo]/g, '.*');
}
