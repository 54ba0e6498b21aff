import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';

const READY_WITHIN_MS = 30_000;

/** A port that nothing listens on at this moment. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * A real Prometheus (Debian's `prometheus`) that asks each second.
 * @param options.jobs job names to lists of `host:port`
 * @param options.rules text of a rules file, or undefined
 * @throws Error when there is none, or it does not start
 */
export async function startPrometheus({ jobs, rules }) {
  const folder = mkdtempSync(join(tmpdir(), 'nx-prometheus-'));
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    scrape_configs: Object.entries(jobs).map(([job_name, targets]) => ({
      job_name,
      static_configs: [{ targets }],
    })),
    ...(rules === undefined ? {} : { rule_files: ['rules.yaml'] }),
  };
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  if (rules !== undefined) writeFileSync(join(folder, 'rules.yaml'), rules);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  let gone;
  program.once('error', (error) => {
    gone = new Error(`Prometheus can't be started (Debian: apt-get install prometheus): ${error.message}`);
  });
  program.once('exit', () => {
    gone ??= new Error('Prometheus has ended');
  });
  await until(async () => {
    if (gone) throw gone;
    return (await fetch(`${url}/-/ready`).catch(() => ({ ok: false }))).ok;
  }, READY_WITHIN_MS);

  const ask = async (path) => {
    const answer = await (
      await fetch(`${url}/api/v1/${path}`, { signal: AbortSignal.timeout(10_000) })
    ).json();
    if (answer.status !== 'success') throw new Error(`Prometheus answered: ${answer.error}`);
    return answer.data;
  };
  return {
    /** The series that an expression has now, without those that are no number. */
    async query(expression) {
      const { result } = await ask(`query?query=${encodeURIComponent(expression)}`);
      return result.filter(({ value }) => value[1] !== 'NaN');
    },
    /** The names of alerts that fire. */
    async firing() {
      const { alerts } = await ask('alerts');
      return new Set(alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname));
    },
    async stop() {
      if (program.exitCode === null && program.kill('SIGTERM')) await once(program, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Looks until there is something, and answers it. @throws Error with the complaint, after so long */
export async function until(look, withinMs, complaint = 'it took too long') {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(complaint);
    await sleep(250);
  }
}
