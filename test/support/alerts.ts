import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Alert {
  alert: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations: { summary: string; runbook_url: string };
}
export interface AlertTest {
  name: string;
  alert_rule_test: { alertname: string; eval_time: string; exp_alerts: unknown[] }[];
}

export const RULES = 'deploy/alerts/nx-identity.rules.yaml';
export const RULE_TESTS = 'deploy/alerts/nx-identity.test.yaml';

export function loadAlerts(text = readFileSync(RULES, 'utf8')): { document: unknown; alerts: Alert[] } {
  const document = parse(text) as { groups: { rules: Alert[] }[] };
  return { document, alerts: document.groups.flatMap(({ rules }) => rules) };
}

export const loadAlertTests = (): AlertTest[] =>
  (parse(readFileSync(RULE_TESTS, 'utf8')) as { tests: AlertTest[] }).tests;

/** What PromQL asks for, without what Prometheus appends to a histogram. */
export const metricsIn = (expression: string): string[] => [
  ...new Set(
    (expression.match(/\b(nx|nodejs|process|probe)_[a-z0-9_]+(?=\{)/g) ?? []).map((name) =>
      name.replace(/_(bucket|count|sum)$/, ''),
    ),
  ),
];

/** The figures that the sources register by name. */
export function registeredMetrics(): Set<string> {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const found = sources.flatMap(
    (name) => readFileSync(`src/${name}`, 'utf8').match(/'nx_[a-z0-9_]+'/g) ?? [],
  );
  return new Set(found.map((quoted) => quoted.slice(1, -1)));
}
