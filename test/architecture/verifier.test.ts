import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

/** Get the token → verify → a thin Express skin; a later line may use an earlier one. */
const ORDER = [
  ['errors', 'claims', 'two-generations'],
  ['bearer', 'issuer'],
  ['status', 'permissions'],
  ['verify'],
  ['express', 'index'],
];
const SOURCES = resolve('verifier/src');
const levelOf = (name: string) => ORDER.findIndex((line) => line.includes(name));
/** A folder, or a file beside the folders. */
const roomOf = (path: string) => (path.split('/')[0] ?? '').replace(/\.[jt]s$/, '');

const imports = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((entry) => entry.endsWith('.ts'))
  .flatMap((file) => {
    const text = readFileSync(join(SOURCES, file), 'utf8');
    return [...text.matchAll(/(?:from|import) '([^']+)'/g)].map(([, to = '']) => ({ file, to }));
  });

test('the kit depends on jose and Node alone, and on nothing of the service (T10)', () => {
  const outside = imports
    .filter(({ to }) => !to.startsWith('.'))
    .map(({ to }) => to.replace(/^node:.*/, 'node'));
  expect([...new Set(outside)].sort()).toEqual(['jose', 'node']);
  const { dependencies } = JSON.parse(readFileSync('verifier/package.json', 'utf8'));
  expect(Object.keys(dependencies)).toEqual(['jose']);
});

test('the layers of the kit go one way (style, node-oauth2-jwt-bearer)', () => {
  const wrong = imports
    .filter(({ to }) => to.startsWith('.'))
    .map(({ file, to }) => ({ file, to: relative(SOURCES, resolve(SOURCES, dirname(file), to)) }))
    .filter(({ file, to }) => roomOf(file) !== roomOf(to) && levelOf(roomOf(to)) >= levelOf(roomOf(file)));
  expect(wrong).toEqual([]);
});

test('the kit is tested with the version of jose that its range begins with (T10)', () => {
  const { dependencies } = JSON.parse(readFileSync('verifier/package.json', 'utf8'));
  const own = JSON.parse(readFileSync('package.json', 'utf8')).dependencies;
  expect(dependencies.jose).toBe(`^${own.jose}`);
});
