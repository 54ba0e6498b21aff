/**
 * `npm run check:dashboards`: every panel's query, run against a real Prometheus that watches a server and a worker under a
 * little traffic; one that finds nothing is a failure. Needs Debian's `prometheus`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPrometheus } from './prometheus.mjs';
import { setStage } from './stage.mjs';
import { traffic } from './traffic.mjs';

const FOLDER = 'deploy/dashboards';
const TRAFFIC_MS = 20_000;
/** What Grafana would put there for a picture of some minutes. */
const RANGE = '15s';

const targets = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) =>
    JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')).panels.flatMap(({ title, targets: asked = [] }) =>
      asked.map(({ expr }) => ({ file, title, query: expr.replaceAll('$__rate_interval', RANGE) })),
    ),
  );

const stage = await setStage();
let prometheus;
const missing = [];
try {
  await stage.start('server');
  await stage.start('worker');
  const { signIn, signUpByPhone, signUpByMail, askForCode, document } = traffic(stage.url);
  await signUpByPhone(); // a counter begins with its first event, and a rate needs another after that
  prometheus = await startPrometheus({ jobs: { 'nx-identity': ['server', 'worker'].map(stage.metricsOf) } });
  const until = performance.now() + TRAFFIC_MS;
  while (performance.now() < until) {
    await signIn('admin@demo.test', 'Demo-admin-1');
    await signIn('nobody@traffic.test', 'wrong');
    await Promise.all([signUpByPhone(), signUpByMail(), askForCode(), document()]);
    await sleep(1000);
  }
  for (const { file, title, query } of targets) {
    const found = await prometheus.query(query);
    process.stdout.write(`${String(found.length).padStart(3)} series  ${file}: ${title}\n`);
    if (found.length === 0) missing.push(`${title}: ${query}`);
  }
} finally {
  await prometheus?.stop();
  await stage.end();
}
process.stdout.write(`${targets.length - missing.length} of ${targets.length} queries find data\n`);
for (const each of missing) process.stdout.write(`nothing: ${each}\n`);
process.exit(missing.length === 0 ? 0 : 1);
