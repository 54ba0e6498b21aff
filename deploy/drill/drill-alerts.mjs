/**
 * `npm run ops -- drill alerts`: every alert made to fire and to resolve against a real Prometheus, by faults of a real
 * server, worker and parts. Rules are FACTOR times shorter; `--write` puts the table into docs/deploy.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { startPrometheus, until } from '../check/prometheus.mjs';
import { setStage } from '../check/stage.mjs';
import { faults } from './faults.mjs';
import { outsideProbe } from './outside-probe.mjs';
import { drillPeople } from './people.mjs';
import { shortenRules } from './shorten-rules.mjs';

const FACTOR = 60;
const RULES = 'deploy/alerts/nx-identity.rules.yaml';
const DOCUMENT = 'docs/deploy.md';
/** Milliseconds: an alert that takes longer does not fire, or does not resolve. */
const PATIENCE = 150_000;

const rules = readFileSync(RULES, 'utf8');
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(0)} s`;

/** One fault from its beginning to the end of its alerts. @returns a line for each of them */
async function drill(fault, prometheus) {
  const { what, alerts, begin, act, end, recover } = fault;
  const quiet = async () => {
    const firing = await prometheus.firing();
    return alerts.every((alert) => !firing.has(alert));
  };
  await until(quiet, PATIENCE, `${alerts} would not be quiet before "${what}"`);
  const [fired, resolved] = [new Map(), new Map()];
  const began = performance.now();
  let acting = true;
  await begin?.();
  const acts = (async () => {
    while (acting) await act();
  })();
  const allFire = async () => {
    for (const alert of await prometheus.firing())
      if (alerts.includes(alert) && !fired.has(alert)) fired.set(alert, seconds(began));
    return fired.size === alerts.length;
  };
  await until(allFire, PATIENCE).catch(() => undefined); // the line says which did not
  acting = false;
  await acts;
  const ended = performance.now();
  await end?.();
  await recover?.();
  const allQuiet = async () => {
    const firing = await prometheus.firing();
    for (const alert of alerts)
      if (!firing.has(alert) && !resolved.has(alert)) resolved.set(alert, seconds(ended));
    return resolved.size === alerts.length;
  };
  await until(allQuiet, PATIENCE).catch(() => undefined);
  return alerts.map((alert) => ({
    alert,
    what,
    fired: fired.get(alert) ?? 'never',
    resolved: fired.has(alert) ? (resolved.get(alert) ?? 'never') : '',
    ok: fired.has(alert) && resolved.has(alert),
  }));
}

function table(lines) {
  const rows = lines.map(
    ({ alert, what, fired, resolved }) => `| ${alert} | ${what} | ${fired} | ${resolved} |`,
  );
  return ['| alert | fault | fires after | resolves after |', '|---|---|---|---|', ...rows].join('\n');
}

function write(text) {
  const document = readFileSync(DOCUMENT, 'utf8');
  const place = /(<!-- drill -->\n)[\s\S]*(<!-- end of drill -->)/;
  if (!place.test(document)) throw new Error(`${DOCUMENT} has no place for the drill`);
  writeFileSync(
    DOCUMENT,
    document.replace(place, (_, before, after) => `${before}${text}\n${after}`),
  );
}

const stage = await setStage();
let prometheus;
let probe;
const lines = [];
try {
  await stage.start('server');
  await stage.start('worker');
  probe = await outsideProbe(stage.switches.public.url);
  const people = drillPeople(stage);
  await people.signInRightly();
  prometheus = await startPrometheus({
    jobs: {
      'nx-identity': ['server', 'worker'].map(stage.metricsOf),
      'nx-identity-jw-certs': [probe.target],
    },
    rules: shortenRules(rules, FACTOR),
  });
  for (const fault of faults({ stage, people, probe })) {
    const drilled = await drill(fault, prometheus);
    for (const { alert, fired, resolved } of drilled)
      process.stdout.write(`${alert}: fires after ${fired}, resolves after ${resolved}\n`);
    lines.push(...drilled);
  }
} finally {
  await prometheus?.stop();
  await probe?.stop();
  await stage.end();
}
const known = parse(rules).groups.flatMap((group) => group.rules.map(({ alert }) => alert));
const forgotten = known.filter((alert) => !lines.some((line) => line.alert === alert));
for (const alert of forgotten) process.stdout.write(`${alert}: forgotten by the drill\n`);
if (process.argv.includes('--write')) write(table(lines));
process.exit(lines.every(({ ok }) => ok) && forgotten.length === 0 ? 0 : 1);
