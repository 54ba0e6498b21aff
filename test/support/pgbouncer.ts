import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { postgresUser } from '../../embedded/os-user.js';
import { freePorts } from '../../embedded/ports.js';
import { until } from './until.js';

/** Debian's; `.ci/run` installs it. Without one its tests are left out, and counted. */
const PATH = '/usr/sbin/pgbouncer';

export const hasPgbouncer = (): boolean => existsSync(PATH);

/** A pooler in transaction mode before a database, with so many connections to it. */
export async function startPgbouncer(databaseUrl: string, connections: number) {
  const { hostname, port, pathname, username, password } = new URL(databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), 'nx-pgbouncer-'));
  const { postgres: listenPort } = await freePorts();
  const config = join(folder, 'pgbouncer.ini');
  const lines = [
    '[databases]',
    `nx = host=${hostname} port=${port} dbname=${pathname.slice(1)} user=${username} password=${decodeURIComponent(password)}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${listenPort}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    `default_pool_size = ${connections}`,
    'ignore_startup_parameters = extra_float_digits',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`, { mode: 0o600 });
  const user = postgresUser(); // it refuses to be root
  if (user) for (const path of [folder, config]) chownSync(path, user.uid, user.gid);
  const child: ChildProcess = spawn(PATH, [config], { cwd: folder, stdio: 'ignore', ...user });
  const url = `postgresql://nx@127.0.0.1:${listenPort}/nx`;
  await until('pgbouncer does not answer', () => answers(url));
  return {
    url,
    async stop() {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  client.on('error', () => undefined); // the rejected query says it
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
