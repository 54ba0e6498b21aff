import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import type { Child } from './child.js';
import { REDIS, REDIS_VERSION } from './downloads.js';
import { fetchDownload } from './fetch-download.js';
import { type Jdk, plainEnvironment } from './jdk.js';
import type { Progress } from './progress.js';
import { writePrivately } from './secrets-file.js';
import { StartFailure } from './start-failure.js';
import { describeEnd, type Supervisor } from './supervisor.js';
import { waitUntil } from './wait-until.js';

/** Where the downloaded Redis lies for this machine, once it was fetched. */
export function redisBinaryPath(cacheDir: string): string {
  const machine = arch() === 'x64' ? 'amd64' : arch();
  const folder = join(cacheDir, REDIS.file.replace(/\.jar$/, ''));
  return join(folder, `redis-server-${REDIS_VERSION}-${platform()}-${machine}`);
}

/** Fetches Redis where it is not there yet. */
export async function redisBinary(jdk: Jdk, cacheDir: string, progress: Progress): Promise<string> {
  const binary = redisBinaryPath(cacheDir);
  const folder = dirname(binary);
  if (!existsSync(folder)) {
    progress(`Redis: fetching ${REDIS.artifact}`);
    await jdk.unpack(await fetchDownload(REDIS, cacheDir, jdk.fetch, progress), folder);
  }
  if (!existsSync(binary)) {
    throw new StartFailure(
      `${REDIS.artifact} has no Redis for ${platform()}-${arch()}: start one and set REDIS_URL.`,
    );
  }
  chmodSync(binary, 0o755);
  return binary;
}

export interface RedisOptions {
  supervisor: Supervisor;
  jdk: Jdk;
  progress: Progress;
  dataDir: string;
  cacheDir: string;
  port: number;
  password: string;
  /** False for tests: nothing is written to disk. */
  durable: boolean;
}

/** Writes what Redis is told wherever it runs. @returns the file's path; its folder is where Redis may write */
export function writeRedisConfig({
  dataDir,
  port,
  password,
  durable,
}: Pick<RedisOptions, 'dataDir' | 'port' | 'password' | 'durable'>): string {
  const folder = join(dataDir, 'redis');
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'redis.conf');
  // A file, not arguments: a command line is public. The queues need noeviction.
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir "${folder}"`,
    'maxmemory-policy noeviction',
    `appendonly ${durable ? 'yes' : 'no'}`,
    'save ""',
    'daemonize no',
    // The command line stays as it was, so that the next start recognises the process.
    'set-proc-title no',
  ];
  writePrivately(config, `${lines.join('\n')}\n`);
  return config;
}

/** Starts Redis and resolves when it answers. */
export async function startRedis(options: RedisOptions): Promise<void> {
  const { supervisor, dataDir } = options;
  const config = writeRedisConfig(options);
  const redis = supervisor.start({
    name: 'Redis',
    command: await redisBinary(options.jdk, options.cacheDir, options.progress),
    args: [config],
    cwd: dirname(config),
    env: plainEnvironment(),
    logFile: join(dataDir, 'logs', 'redis.log'),
    pidFile: { folder: join(dataDir, 'pids'), name: 'Redis', marker: config },
  });
  await untilRedisAnswers(redis, options);
}

export async function untilRedisAnswers(
  redis: Child,
  { supervisor, port, password }: Pick<RedisOptions, 'supervisor' | 'port' | 'password'>,
): Promise<void> {
  await waitUntil({
    complaint: 'Redis did not answer',
    probe: () => answers(port, password),
    deadlineMs: 30_000,
    signal: supervisor.signal,
    hopeless: () => (redis.exit ? describeEnd(redis, 'Redis did not start') : undefined),
  });
}

async function answers(port: number, password: string): Promise<boolean> {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    password,
    lazyConnect: true,
    connectTimeout: 1_000,
    commandTimeout: 1_000,
    retryStrategy: () => null,
  });
  client.on('error', () => {}); // the rejected ping says it
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } finally {
    client.disconnect();
  }
}
