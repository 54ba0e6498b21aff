import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Output of the docker CLI; the engine is whichever DOCKER_HOST, or its context, names. Ends within `timeout` ms. */
export async function docker(args, { env = process.env, timeout = 60_000, input } = {}) {
  const running = execute('docker', args, { env, timeout, maxBuffer: 64 * 1024 * 1024 });
  if (input !== undefined) running.child.stdin?.end(input);
  try {
    const { stdout, stderr } = await running;
    return { stdout: stdout.trim(), stderr };
  } catch (error) {
    throw new Error(`docker ${args.join(' ')}\n${error.stdout ?? ''}${error.stderr ?? error.message}`);
  }
}

/** A project of docker-compose.yml with stand-ins for what no registry can be asked for. */
export function createProject({ name, env }) {
  const own = {
    ...env,
    COMPOSE_PROJECT_NAME: name,
    COMPOSE_FILE: 'docker-compose.yml:test/deploy/containers/stand-ins.compose.yml',
  };
  const compose = (args, options) => docker(['compose', ...args], { env: own, ...options });
  const listed = async (...args) => (await docker(args)).stdout.split('\n').filter(Boolean);
  const ofProject = ['--filter', `label=com.docker.compose.project=${name}`];
  return {
    env: own,
    compose,
    /** Those that run. */
    containersOf: (service) =>
      listed('ps', '-q', ...ofProject, '--filter', `label=com.docker.compose.service=${service}`),
    /** Whatever of the project there is in the engine. */
    leftovers: async () => [
      ...(await listed('ps', '-aq', ...ofProject)),
      ...(await listed('volume', 'ls', '-q', ...ofProject)),
      ...(await listed('network', 'ls', '-q', ...ofProject)),
    ],
  };
}
