import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { faults } from '../../deploy/drill/faults.mjs';
import { shortenRules } from '../../deploy/drill/shorten-rules.mjs';
import { loadAlerts, RULES } from '../support/alerts.js';
import { isThere } from '../support/elsewhere.js';

const FACTOR = 60;
const original = readFileSync(RULES, 'utf8');
const shortened = shortenRules(original, FACTOR);
const { alerts } = loadAlerts();

describe('the drill of the alerts', () => {
  test('has a fault for each alert (R6)', () => {
    const tools = { stage: { switches: {} }, people: {}, probe: {} };
    const driven = faults(tools).flatMap(({ alerts: fire }) => fire);
    expect([...driven].sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });

  test('has each alert in the table of docs/deploy.md, fired and resolved (R6)', () => {
    const document = readFileSync('docs/deploy.md', 'utf8');
    const [, table = ''] = /<!-- drill -->\n([\s\S]*)<!-- end of drill -->/.exec(document) ?? [];
    for (const { alert } of alerts) {
      expect(table).toMatch(new RegExp(`^\\| ${alert} \\| .+ \\| \\d+ s \\| \\d+ s \\|$`, 'm'));
    }
  });

  test('shortens spans of time and nothing else: thresholds stay', () => {
    expect(shortenRules('    interval: 30s\n        for: 1h\n', 60)).toBe(
      '    interval: 1s\n        for: 60s\n',
    );
    expect(shortenRules('rate(a{b="5m"}[5m] offset 10m) > 10', 60)).toBe(
      'rate(a{b="5m"}[5s] offset 10s) > 10',
    );
    const short = loadAlerts(shortened).alerts;
    expect(short.map(({ annotations }) => annotations)).toEqual(alerts.map(({ annotations }) => annotations));
    expect(short.find(({ alert }) => alert === 'NxOutboxLag')?.expr).toContain('> 120');
    expect(short.find(({ alert }) => alert === 'NxSigningKeyOld')?.expr).toContain('95 * 86400');
  });

  const promtool = isThere(['promtool', '--version']) ? test : test.skip;
  promtool('hands Prometheus rules that it takes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nx-drill-'));
    const file = join(folder, 'rules.yaml');
    writeFileSync(file, shortened);
    const { status } = spawnSync('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', file]);
    rmSync(folder, { recursive: true });
    expect(status).toBe(0);
  });
});
