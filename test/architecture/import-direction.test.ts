import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

/** `docs/architecture.md`: a later line may use an earlier one, folders of one line do not know each other. */
const ORDER = [
  ['config', 'errors', 'telemetry'],
  ['database', 'redis', 'queues', 'http', 'keycloak-gateway'],
  ['audit', 'configurations'],
  ['tokens', 'otp', 'policies', 'people', 'services', 'messaging', 'customers', 'consents'],
  ['sessions', 'organizations'],
  ['sign-in', 'keycloak-news', 'administration'],
  ['operations'],
];
/** Infrastructure may use its own kind where one stands on the other; nothing else on a line may. */
const ALLOWED_BESIDE: Record<string, string[]> = { queues: ['redis'], http: ['redis'] };

const SOURCES = resolve('src');
const levelOf = (folder: string) => ORDER.findIndex((line) => line.includes(folder));

function* imports(): Generator<{ file: string; from: string; to: string }> {
  for (const entry of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.ts') || !entry.includes('/')) continue;
    const file = join(SOURCES, entry);
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const target = relative(SOURCES, resolve(dirname(file), path));
      yield { file: entry, from: entry.split('/')[0] ?? '', to: target.split('/')[0] ?? '' };
    }
  }
}

test('imports go one way, and domains do not know each other (style 1)', () => {
  const wrong = [...imports()].filter(
    ({ from, to }) => from !== to && levelOf(to) >= levelOf(from) && !ALLOWED_BESIDE[from]?.includes(to),
  );
  expect(wrong).toEqual([]);
});

test('every folder of src has its place in the order (style 1)', () => {
  const folders = readdirSync(SOURCES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).filter((name) => levelOf(name) < 0)).toEqual([]);
});

test('a domain is entered by its index from outside (style, layout)', () => {
  const open = ['config', 'errors', 'telemetry', 'database', 'redis', 'queues', 'http', 'administration'];
  const domains = ORDER.flat().filter((folder) => !open.includes(folder));
  const aside = [...imports()].filter(({ from, to }) => from !== to && domains.includes(to));
  const deep = aside.filter(
    ({ file, to }) => !readFileSync(join(SOURCES, file), 'utf8').includes(`../${to}/index.js'`),
  );
  expect(deep).toEqual([]);
});
