import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const PROJECTS = 'test/verifier/elsewhere';

test('the code in docs/verify-elsewhere.md is the code that is run (issue 6)', () => {
  const page = readFileSync('docs/verify-elsewhere.md', 'utf8');
  const shown = [...page.matchAll(/^```\w+\n(.*?)\n```$/gms)].map(([, code]) => code);
  const sources = readdirSync(PROJECTS, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\/(verify\.py|verify\.go|verifier\.rs|IdentityTokens\.java)$/.test(path))
    .map((path) => readFileSync(join(PROJECTS, path), 'utf8').trimEnd());
  expect(sources).toHaveLength(4);
  expect([...shown].sort()).toEqual([...sources].sort());
});
