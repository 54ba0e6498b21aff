import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { Child, ChildSpec } from './child.js';
import { plainEnvironment } from './jdk.js';
import { startArguments, untilKeycloakReady } from './keycloak.js';
import { keycloakBuildHash } from './keycloak-build.js';
import { keycloakEnvironment } from './keycloak-environment.js';
import type { PartRunner, PartStart } from './part-runner.js';
import { postgresSettings, TEXT_ORDER, untilPostgresAnswers } from './postgres.js';
import { untilRedisAnswers, writeRedisConfig } from './redis.js';

/** As docker-compose.yml names them. */
export const IMAGES = { postgres: 'postgres:18', redis: 'redis:7', keycloak: 'nx-keycloak' };

interface Container {
  name: string;
  image: string;
  /** Of `docker run`. */
  options: readonly string[];
  args: readonly string[];
  /** Handed on by name: a command line is public. */
  env: Record<string, string>;
  logFile: string;
  stopSignal?: NodeJS.Signals;
}

/** Which engine, beside what every tool needs. */
function engineEnvironment(): Record<string, string> {
  const ours = Object.entries(process.env).filter(([name, value]) => name.startsWith('DOCKER_') && value);
  return { ...plainEnvironment(), ...(Object.fromEntries(ours) as Record<string, string>) };
}

/** Whoever starts the container can read what it mounts, with the group that the images belong to. */
const ownUser = () => ['--user', `${process.getuid?.() ?? 1000}:0`];

const mounted = (path: string, at = path) => ['--volume', `${path}:${at}:ro`];

/**
 * A container as a child like any other: `docker run` stays in the foreground, hands signals and output on, and ends with
 * it. It shares this machine's network, so that every address is that of the parts as processes.
 */
export function containerSpec(dataDir: string, container: Container): ChildSpec {
  const { name, image, options, args, env, logFile, stopSignal = 'SIGTERM' } = container;
  const id = containerId(dataDir, name);
  const variables = Object.keys(env).flatMap((variable) => ['--env', variable]);
  return {
    name,
    command: 'docker',
    args: ['run', '--rm', '--name', id, '--network', 'host', ...variables, ...options, image, ...args],
    env: { ...engineEnvironment(), ...env },
    cwd: '/',
    logFile,
    pidFile: { folder: join(dataDir, 'pids'), name, marker: id, stopSignal },
    stopSignal,
    stopWithinMs: 60_000,
  };
}

/** One a part and data directory: what a killed run has left behind is found by it. */
function containerId(dataDir: string, name: string): string {
  const directory = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  return `nx-${directory}-${name.toLowerCase()}`;
}

async function startContainer({ supervisor, dataDir }: PartStart, container: Container): Promise<Child> {
  const leftover = supervisor.startUnwatched({
    name: 'docker rm',
    command: 'docker',
    args: ['rm', '--force', '--volumes', containerId(dataDir, container.name)],
    env: engineEnvironment(),
    cwd: '/',
    logFile: join(dataDir, 'logs', 'docker-rm.log'),
  });
  await leftover.exited; // there is none, as a rule
  return supervisor.start(containerSpec(dataDir, container));
}

/** The image of the compose file, by what it is made from. */
async function buildImage({ supervisor, progress, dataDir, sources }: PartStart): Promise<string> {
  const image = `${IMAGES.keycloak}:${keycloakBuildHash(sources)}`;
  progress(`Keycloak: building ${image}, from the engine's cache where nothing changed`);
  const root = dirname(sources.keycloakDir);
  await supervisor.run({
    name: 'docker build',
    command: 'docker',
    args: ['build', '--file', join(root, 'docker', 'keycloak', 'Dockerfile'), '--tag', image, root],
    env: engineEnvironment(),
    cwd: root,
    logFile: join(dataDir, 'logs', 'keycloak-image.log'),
    failure: `${image} could not be built`,
    deadlineMs: 1_200_000,
  });
  return image;
}

/** The parts in containers (`TEST_PARTS=containers`), by the docker command and whatever engine it reaches. */
export const containers: PartRunner = {
  async postgres(start) {
    const { dataDir, ports, secrets, durable, supervisor } = start;
    const listening = { port: ports.postgres, password: secrets.postgresPassword };
    const postgres = await startContainer(start, {
      name: 'PostgreSQL',
      image: IMAGES.postgres,
      options: ['--shm-size', '256m'],
      args: ['postgres', ...postgresSettings({ port: ports.postgres, durable })],
      env: { POSTGRES_PASSWORD: secrets.postgresPassword, POSTGRES_INITDB_ARGS: TEXT_ORDER.join(' ') },
      logFile: join(dataDir, 'logs', 'postgres.log'),
      stopSignal: 'SIGINT',
    });
    await untilPostgresAnswers(postgres, { supervisor, ...listening });
  },
  async redis(start) {
    const { dataDir, ports, secrets, durable, supervisor } = start;
    const listening = { port: ports.redis, password: secrets.redisPassword };
    const config = writeRedisConfig({ dataDir, durable, ...listening });
    const redis = await startContainer(start, {
      name: 'Redis',
      image: IMAGES.redis,
      // Not by the image's own entry point, which becomes a user that may not read the file.
      options: [...ownUser(), ...mounted(dirname(config)), '--entrypoint', 'redis-server'],
      args: [config],
      env: {},
      logFile: join(dataDir, 'logs', 'redis.log'),
    });
    await untilRedisAnswers(redis, { supervisor, ...listening });
  },
  async keycloak(start, parts) {
    const { supervisor, dataDir, ports, secrets, sources } = start;
    const image = await buildImage(start);
    const listeners = {
      url: parts.keycloak.url,
      port: ports.keycloak,
      managementPort: ports.keycloakManagement,
    };
    return async () => {
      const realm = mounted(join(sources.keycloakDir, 'realm'), '/opt/keycloak/data/import');
      const keycloak = await startContainer(start, {
        name: 'Keycloak',
        image,
        options: [...ownUser(), ...mounted(dataDir), ...realm],
        args: startArguments(listeners),
        env: keycloakEnvironment(parts, ports, secrets),
        logFile: parts.keycloak.logFile,
      });
      await untilKeycloakReady(keycloak, supervisor, listeners);
    };
  },
};
