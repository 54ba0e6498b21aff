import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readMutations } from '../mutations/read-mutations.mjs';

const mutations = readMutations();

test('every mutation still applies to the sources (style 10)', () => {
  const stale = mutations.filter(({ path }) => {
    try {
      execFileSync('git', ['apply', '--check', path], { stdio: 'pipe' });
      return false;
    } catch {
      return true;
    }
  });
  expect(stale.map(({ name }) => name)).toEqual([]);
});

test('every mutation names a test that exists (style 10)', () => {
  const lost = mutations.filter(({ testFile, title }) => !titles(testFile).includes(title));
  expect(lost.map(({ name, title }) => `${name}: ${title}`)).toEqual([]);
});

/** As the source spells them, `test.each`'s placeholders included. */
function titles(testFile: string): string[] {
  const text = readFileSync(testFile, 'utf8');
  const quoted = /(?:\btest\(|\]\)\()\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)")/g;
  return [...text.matchAll(quoted)].map(([, single, double]) =>
    (single ?? double ?? '').replaceAll("\\'", "'"),
  );
}
