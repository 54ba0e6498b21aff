import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { makeDashboards } from '../../deploy/dashboards/make-dashboards.mjs';
import { metricsIn, registeredMetrics } from '../support/alerts.js';
import { dashboards } from '../support/dashboards.js';
import { composeFile } from './compose-file.js';

/** What Node's client of Prometheus registers by itself. */
const DEFAULTS = [
  'nodejs_eventloop_lag_p99_seconds',
  'process_resident_memory_bytes',
  'process_cpu_seconds_total',
];

describe('the dashboards', () => {
  test('are what their source makes: `npm run make:dashboards` has been run (R6)', () => {
    const committed = dashboards().map(({ file, text }) => ({ file, text }));
    const made = makeDashboards();
    expect(committed.map(({ file }) => file).sort()).toEqual(made.map(({ file }) => file).sort());
    for (const each of made) expect(committed).toContainEqual(each);
  });

  test('ask for figures that the service exports, and each of those is on one (R6)', () => {
    const queries = dashboards().flatMap(({ panels }) =>
      panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    );
    expect(queries.length).toBeGreaterThan(20);
    const asked = new Set(queries.flatMap(metricsIn));
    const ours = [...registeredMetrics()].filter((name) =>
      /_(total|seconds|up|due|waiting|dead|depth|laggards|connections)$/.test(name),
    );
    expect([...asked].filter((name) => !ours.includes(name) && !DEFAULTS.includes(name))).toEqual([]);
    // Reports of delivery come from eSMS and VNPAY alone: no panel, since many installations never get one.
    expect(ours.filter((name) => !asked.has(name))).toEqual(['nx_delivery_reports_total']);
  });

  test('ask for nothing of another job, and number their panels once', () => {
    for (const { panels } of dashboards()) {
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      for (const { targets = [] } of panels)
        for (const { expr } of targets) {
          const selectors = expr.match(/\{[^}]*\}/g) ?? [];
          expect(selectors.length).toBeGreaterThan(0);
          for (const selector of selectors) expect(selector).toContain('job="nx-identity"');
        }
    }
  });

  test("are where the compose file's Grafana looks for them (R13)", () => {
    const provider = parse(readFileSync('docker/grafana/dashboards/nx-identity.yml', 'utf8'));
    const path = provider.providers[0].options.path;
    const { volumes } = composeFile().services.grafana as unknown as { volumes: string[] };
    expect(volumes).toContain(`./deploy/dashboards:${path}:ro`);
    expect(volumes).toContain('./docker/grafana/dashboards:/etc/grafana/provisioning/dashboards:ro');
  });
});
