import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { StartFailure } from './start-failure.js';

/** Every port that the embedded parts and the service listen on, all on 127.0.0.1. */
export interface Ports {
  service: number;
  metrics: number;
  internal: number;
  keycloak: number;
  keycloakManagement: number;
  postgres: number;
  redis: number;
  inbox: number;
  inboxSmtp: number;
}

export const PORTS = {
  service: { part: 'the service', variable: 'IDENTITY_PORT', usual: 3000 },
  metrics: { part: "the service's metrics", variable: 'IDENTITY_METRICS_PORT', usual: 9464 },
  internal: { part: "the service's internal calls", variable: 'IDENTITY_INTERNAL_PORT', usual: 3002 },
  keycloak: { part: 'Keycloak', variable: 'NX_KEYCLOAK_PORT', usual: 8080 },
  keycloakManagement: {
    part: "Keycloak's health port",
    variable: 'NX_KEYCLOAK_MANAGEMENT_PORT',
    usual: 9000,
  },
  postgres: { part: 'PostgreSQL', variable: 'NX_POSTGRES_PORT', usual: 5433 },
  redis: { part: 'Redis', variable: 'NX_REDIS_PORT', usual: 6380 },
  inbox: { part: 'the development inbox', variable: 'NX_INBOX_PORT', usual: 8025 },
  inboxSmtp: { part: "the development inbox's SMTP", variable: 'NX_INBOX_SMTP_PORT', usual: 1025 },
} as const;

const NAMES = Object.keys(PORTS) as (keyof Ports)[];

/** Reads the ports from the environment; names every wrong value at once. */
export function portsFromEnvironment(env: NodeJS.ProcessEnv): Ports {
  const problems: string[] = [];
  const owners = new Map<number, string>();
  const entries = NAMES.map((name) => {
    const { variable, usual } = PORTS[name];
    const port = env[variable] ? Number(env[variable]) : usual;
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      problems.push(`${variable}=${env[variable]} is not a port number (1 to 65535)`);
    } else if (owners.has(port)) {
      problems.push(`${variable} and ${owners.get(port)} both say port ${port}`);
    } else {
      owners.set(port, variable);
    }
    return [name, port] as const;
  });
  if (problems.length > 0) throw new StartFailure(problems.join('\n'));
  return Object.fromEntries(entries) as unknown as Ports;
}

function listenOnce(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve()));
  });
}

/** Refuses, naming port, part and variable, when something else holds one of the ports. */
export async function assertPortsFree(ports: Ports, names: readonly (keyof Ports)[] = NAMES): Promise<void> {
  const problems: string[] = [];
  for (const name of names) {
    const { part, variable } = PORTS[name];
    try {
      await listenOnce(ports[name]);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      const why = code === 'EADDRINUSE' ? 'is in use by another program' : `can't be used (${code})`;
      problems.push(`Port ${ports[name]} for ${part} ${why}: free it, or set ${variable} to another port.`);
    }
  }
  if (problems.length > 0) throw new StartFailure(problems.join('\n'));
}

/** Below the range that systems take outgoing connections' ports from: one of those could come in between. */
const FREE = { from: 20_000, to: 32_000 };

/** Ports that nothing listens on at this moment. */
export async function freePorts(): Promise<Ports> {
  const found = new Set<number>();
  for (let tries = 0; found.size < NAMES.length && tries < 1000; tries++) {
    const port = randomInt(FREE.from, FREE.to);
    await listenOnce(port).then(
      () => found.add(port),
      () => {}, // taken
    );
  }
  const numbers = [...found];
  return Object.fromEntries(NAMES.map((name, index) => [name, numbers[index]])) as unknown as Ports;
}
