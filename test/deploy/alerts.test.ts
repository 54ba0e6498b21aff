import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  loadAlerts,
  loadAlertTests,
  metricsIn,
  RULE_TESTS,
  RULES,
  registeredMetrics,
} from '../support/alerts.js';
import { isThere } from '../support/elsewhere.js';

const { alerts } = loadAlerts();
/** Whose figures are not ours. */
const PROBES = ['probe_success'];

const promtool = isThere(['promtool', '--version']) ? describe : describe.skip;
promtool('promtool', () => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}` };
  };

  test('finds nothing wrong with the rules (R6)', () => {
    expect(run('check', 'rules', '--lint=all', '--lint-fatal', RULES)).toMatchObject({ status: 0 });
  });

  test('sees each alert fire on its fault and resolve after it (R6)', () => {
    expect(run('test', 'rules', RULE_TESTS)).toMatchObject({ status: 0 });
  });
});

describe('an alert', () => {
  test.each(alerts.map(({ alert }) => [alert]))('%s is seen quiet, firing, and resolved', (alert) => {
    const seen = loadAlertTests()
      .flatMap(({ alert_rule_test }) => alert_rule_test)
      .filter(({ alertname }) => alertname === alert)
      .map(({ exp_alerts }) => exp_alerts.length > 0);
    expect(seen.join()).toMatch(/false,true,false/);
  });

  test('stands on figures that the service registers, and on the probe from outside (R6)', () => {
    const known = registeredMetrics();
    const asked = alerts.flatMap(({ expr }) => metricsIn(expr));
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((name) => !known.has(name) && !PROBES.includes(name))).toEqual([]);
  });

  test('is there for each class that somebody asked for (R6)', () => {
    const classes = [
      ...['NxHigh5xx', 'NxJwksDown', 'NxMailFailures', 'NxSmsFailures', 'NxOtpSpike', 'NxSignInFailures'],
      ...['NxSigningKeyOld', 'NxKeyConsumersLag', 'NxOutboxLag', 'NxDeadLetters'],
    ];
    expect(alerts.map(({ alert }) => alert)).toEqual(expect.arrayContaining(classes));
  });

  test.each(alerts.map((alert) => [alert.alert, alert] as const))(
    '%s says what is wrong, how urgent it is, and where its page is',
    (_, alert) => {
      expect(['page', 'ticket']).toContain(alert.labels.severity);
      expect(alert.annotations.summary.length).toBeGreaterThan(10);
      expect(existsSync(`docs/runbook/${basename(alert.annotations.runbook_url)}`)).toBe(true);
    },
  );
});
