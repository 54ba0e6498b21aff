/** The real parts with a server and a worker of their own, for what Prometheus is to see of them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import { bootstrap } from '../../embedded/bootstrap.mjs';
import { freePort, until } from './prometheus.mjs';
import { tcpSwitch } from './tcp-switch.mjs';

await bootstrap();
const { startTestParts } = await import('../../dist/embedded/start-test-parts.js');
const { STOP_ORDER } = await import('../../dist/embedded/start-parts.js');
const { createSupervisor } = await import('../../dist/embedded/supervisor.js');
const { serviceEnvironment } = await import('../../dist/embedded/service-environment.js');
const { elapsedProgress } = await import('../../dist/embedded/progress.js');

/** Nobody is held up: the traffic comes from one address. */
const LIFTED = ['SIGN_IN_PER_IDENTIFIER', 'SIGN_IN_PER_ADDRESS', 'OTP_PER_ADDRESS', 'OTP_PER_ADDRESS_BLOCK'];
const START_WITHIN_MS = 60_000;
/** Root writes wherever it likes; here it must not, as a directory is made read-only by its mode. */
const BOUND_BY_MODES =
  process.getuid?.() === 0
    ? ['setpriv', '--bounding-set=-dac_override', '--inh-caps=-dac_override', process.execPath]
    : [process.execPath];

/** @returns switches before the parts, `start` and `stop` for each process, and where the service and its figures are */
export async function setStage() {
  const supervisor = createSupervisor(STOP_ORDER);
  const { parts, unlock } = await startTestParts(
    supervisor,
    elapsedProgress((line) => process.stderr.write(line)),
  );
  const switches = {
    keycloak: await before(parts.keycloak.url),
    sms: await before(parts.inbox.url),
    mail: await before(parts.inbox.smtpUrl),
    public: await before(parts.service.url),
  };
  const metricsPorts = { server: parts.service.metricsPort, worker: await freePort() };
  const environment = {
    ...process.env,
    ...serviceEnvironment(parts),
    LOG_LEVEL: 'silent',
    IDENTITY_KEYCLOAK_PUBLIC_URL: parts.keycloak.url,
    IDENTITY_KEYCLOAK_URL: switches.keycloak.url,
    IDENTITY_DEV_INBOX_URL: switches.sms.url,
    IDENTITY_DEV_INBOX_SMTP_URL: switches.mail.url,
    IDENTITY_ANSWER_BEAT_MS: '0',
    IDENTITY_KEYCLOAK_TIMEOUT_MS: '20000', // on a busy machine: what is away is refused at once
    IDENTITY_KEY_LEAD_S: '0',
    ...Object.fromEntries(LIFTED.map((name) => [`IDENTITY_LIMIT_${name}`, '100000000'])),
  };
  delete environment.NODE_OPTIONS;
  const running = new Map();
  const metricsOf = (mode) => `127.0.0.1:${metricsPorts[mode]}`;

  async function start(mode) {
    const [program, ...before] = BOUND_BY_MODES;
    const child = spawn(program, [...before, 'dist/src/main.js'], {
      env: { ...environment, RUN_MODE: mode, IDENTITY_METRICS_PORT: String(metricsPorts[mode]) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    running.set(mode, child);
    const isUp = async () =>
      (await fetch(`http://${metricsOf(mode)}/metrics`).catch(() => ({ ok: false }))).ok &&
      (mode === 'worker' || (await fetch(`${parts.service.url}/v1/api/identity/readyz`)).ok);
    await until(isUp, START_WITHIN_MS, `the ${mode} did not start`);
  }
  async function stop(mode) {
    const child = running.get(mode);
    running.delete(mode);
    if (child?.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit');
  }
  /** A command such as `keys rotate`, with the service's own configuration. */
  async function command(mode, ...args) {
    const options = { env: { ...environment, RUN_MODE: mode }, stdio: ['ignore', 'ignore', 'inherit'] };
    const [code] = await once(spawn(process.execPath, ['dist/src/main.js', ...args], options), 'exit');
    if (code !== 0) throw new Error(`${mode} ${args.join(' ')} ended with ${code}`);
  }
  const sql = new pg.Pool({ connectionString: parts.postgres.superUrl, max: 2 });
  sql.on('error', () => undefined);
  return {
    parts,
    url: parts.service.url,
    switches,
    metricsOf,
    start,
    stop,
    command,
    sql: (text, values) => sql.query(text, values).then(({ rows }) => rows),
    async end() {
      await Promise.all([...running.keys()].map(stop));
      await sql.end();
      for (const each of Object.values(switches)) each.close();
      await supervisor.stop();
      unlock();
    },
  };
}

async function before(address) {
  const url = new URL(address);
  const found = await tcpSwitch(Number(url.port));
  url.port = String(found.port);
  return { ...found, url: url.href.replace(/\/$/, '') };
}
