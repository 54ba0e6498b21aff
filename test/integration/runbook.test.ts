import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OPERATIONS } from '../../src/operations/index.js';
import { testParts } from '../parts.js';
import { metricsIn, registeredMetrics } from '../support/alerts.js';
import { call } from '../support/call.js';
import { queryAs } from '../support/database.js';
import { ops } from '../support/operations.js';
import { startService, type TestService } from '../support/service.js';

const PAGES = readdirSync('docs/runbook').filter((name) => name !== 'README.md');
const textOf = (page: string) => readFileSync(`docs/runbook/${page}`, 'utf8');
/** What stands between backticks, on one line or more. */
const spans = (page: string) => [...textOf(page).matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe.each(PAGES)('the page %s', (page) => {
  test('says what to check, how to mend it, and whom to call (R6)', () => {
    const headings = textOf(page).match(/^## .*$/gm);
    expect(headings).toEqual(['## Check', '## Fix', '## Escalate']);
    expect(readFileSync('docs/runbook/README.md', 'utf8')).toContain(`(${page})`);
  });

  test('has SQL that the database takes (R6)', async () => {
    const statements = spans(page).filter((span) => /^(SELECT|UPDATE) /.test(span));
    const url = `${testParts().postgres.ownerUrl}?options=-c%20search_path%3Didentity%2Cpublic`;
    for (const statement of statements) await queryAs(url, `EXPLAIN ${statement}`);
  });

  test('has calls that are in the OpenAPI document (R6)', async () => {
    const { body } = await call(`${service.url}/v1/api/identity/doc/openapi.json`);
    const known = [...Object.keys(body.paths), '/jw-certs'];
    const called = spans(page).flatMap((span) =>
      [...span.matchAll(/\$ID(\/[^\s"?]*)/g)].map(([, path = '']) => path),
    );
    expect(
      called.map((path) => path.replace('<id>', '{id}')).filter((path) => !known.includes(path)),
    ).toEqual([]);
  });

  test('asks for figures that there are, and for scripts that package.json has (R6)', () => {
    const figures = spans(page).flatMap((span) => span.match(/\bnx_[a-z0-9_]+(?=[{[]| [>=])/g) ?? []);
    const known = registeredMetrics();
    const bare = figures.flatMap((name) => metricsIn(`${name}{`));
    expect(bare.filter((name) => !known.has(name))).toEqual([]);
    const scripts = JSON.parse(readFileSync('package.json', 'utf8')).scripts;
    for (const [, script = ''] of textOf(page).matchAll(/npm run (?:-s )?(\S+)/g))
      expect(scripts).toHaveProperty([script]);
  });
});

describe('a command of the runbook', () => {
  const named = PAGES.flatMap((page) =>
    [...textOf(page).matchAll(/npm run (?:-s )?(ops|keys) -- (?:--compose )?([a-z-]+)/g)].map(
      ([, script = '', command = '']) => ({ page, script, command }),
    ),
  );

  test('is one that there is (R7)', () => {
    const known = { ops: Object.keys(OPERATIONS), keys: ['list', 'status', 'rotate', 'retire'] };
    const lost = named.filter(({ script, command }) => !known[script as 'ops' | 'keys'].includes(command));
    expect([named.length > 10, lost]).toEqual([true, []]);
  });

  test.each(Object.keys(OPERATIONS))(
    'ops %s says how it is used, and does nothing by that (R7)',
    async (command) => {
      const { code, text } = await ops([command, '--help']);
      expect([code, text.split('\n')[0]]).toEqual([0, expect.stringContaining(`ops ${command}`)]);
    },
  );
});
