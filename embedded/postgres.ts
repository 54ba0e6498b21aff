import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Child } from './child.js';
import { plainEnvironment } from './jdk.js';
import { type PostgresHome, removeOrphanedClusters } from './postgres-home.js';
import { runningProcesses } from './process-list.js';
import type { Progress } from './progress.js';
import { StartFailure } from './start-failure.js';
import { describeEnd, type Supervisor } from './supervisor.js';
import { waitUntil } from './wait-until.js';

export interface PostgresOptions {
  supervisor: Supervisor;
  progress: Progress;
  home: PostgresHome;
  dataDir: string;
  port: number;
  password: string;
  /** False for tests: faster, and a power cut may cost the data. */
  durable: boolean;
}

/** For initdb: the same order of text on every machine, whatever locales it has. */
export const TEXT_ORDER = [
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
];

async function initialise(options: PostgresOptions): Promise<void> {
  const { home, dataDir } = options;
  removeOrphanedClusters(home);
  const partial = `${home.data}.partial`;
  const passwordFile = `${home.data}.password`;
  rmSync(partial, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600, flag: 'wx' });
  if (home.user) chownSync(passwordFile, home.user.uid, home.user.gid);
  try {
    await options.supervisor.run({
      name: 'initdb',
      command: join(home.binaries, 'bin', 'initdb'),
      args: [
        `--pgdata=${partial}`,
        `--pwfile=${passwordFile}`,
        '--username=postgres',
        '--auth=scram-sha-256',
        ...TEXT_ORDER,
        ...(options.durable ? [] : ['--no-sync']),
      ],
      cwd: '/',
      env: plainEnvironment(),
      user: home.user,
      logFile: join(dataDir, 'logs', 'initdb.log'),
      failure: 'PostgreSQL could not make its data directory',
      deadlineMs: 120_000,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(partial, home.data);
}

/**
 * PostgreSQL refuses to start while the pid in postmaster.pid is alive, even when a stranger has that number
 * by now. Ours may be alive too, when the pid file of the killed launcher was lost.
 */
function clearStaleLock(home: PostgresHome): void {
  const path = join(home.data, 'postmaster.pid');
  if (!existsSync(path)) return;
  const pid = Number(readFileSync(path, 'utf8').split('\n')[0]);
  const owner = runningProcesses().find((running) => running.pid === pid);
  if (owner?.command.includes(home.data)) {
    throw new StartFailure(`A PostgreSQL of an earlier run still uses ${home.data}: kill ${pid}.`);
  }
  rmSync(path);
}

const DURABILITY_OFF = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** PostgreSQL's arguments for what it is told wherever it runs. */
export function postgresSettings({ port, durable }: { port: number; durable: boolean }): string[] {
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'max_connections=300',
    'timezone=UTC',
    'log_timezone=UTC',
    ...(durable ? [] : DURABILITY_OFF),
  ];
  return settings.flatMap((setting) => ['-c', setting]);
}

/** Starts PostgreSQL, making its cluster first if there is none, and resolves when it answers. */
export async function startPostgres(options: PostgresOptions): Promise<void> {
  const { supervisor, progress, home, dataDir } = options;
  if (!existsSync(home.data)) {
    progress('PostgreSQL: making a data directory');
    await initialise(options);
  }
  clearStaleLock(home);
  const postgres = supervisor.start({
    name: 'PostgreSQL',
    command: join(home.binaries, 'bin', 'postgres'),
    args: ['-D', home.data, '-c', 'unix_socket_directories=', ...postgresSettings(options)],
    cwd: '/',
    env: plainEnvironment(),
    user: home.user,
    logFile: join(dataDir, 'logs', 'postgres.log'),
    pidFile: { folder: join(dataDir, 'pids'), name: 'PostgreSQL', marker: home.data, stopSignal: 'SIGINT' },
    stopSignal: 'SIGINT', // its fast shutdown: it does not wait for clients
    stopWithinMs: 30_000,
  });
  await untilPostgresAnswers(postgres, options);
}

export async function untilPostgresAnswers(
  postgres: Child,
  { supervisor, port, password }: Pick<PostgresOptions, 'supervisor' | 'port' | 'password'>,
): Promise<void> {
  await waitUntil({
    complaint: `PostgreSQL did not answer (log: ${postgres.logFile})`,
    probe: () => answers(port, password),
    deadlineMs: 120_000, // long enough to replay what an earlier crash left
    signal: supervisor.signal,
    hopeless: () => (postgres.exit ? describeEnd(postgres, 'PostgreSQL did not start') : undefined),
  });
}

async function answers(port: number, password: string): Promise<boolean> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password,
    database: 'postgres',
    connectionTimeoutMillis: 2_000,
  });
  client.on('error', () => {}); // the rejected query says it
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}
