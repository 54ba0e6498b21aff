import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { externalFromEnvironment } from '../../embedded/describe-parts.js';
import { assertPortsFree, freePorts, PORTS, portsFromEnvironment } from '../../embedded/ports.js';

test('a port in use is refused with its number, its part and the variable that changes it', async () => {
  const ports = await freePorts();
  const stranger = createServer().listen(ports.postgres, '127.0.0.1');
  await new Promise((resolve) => stranger.once('listening', resolve));
  try {
    await expect(assertPortsFree(ports)).rejects.toMatchObject({
      name: 'StartFailure',
      message: `Port ${ports.postgres} for PostgreSQL is in use by another program: free it, or set NX_POSTGRES_PORT to another port.`,
    });
    await assertPortsFree(ports, ['redis', 'keycloak']);
  } finally {
    stranger.close();
  }
});

test('ports that are no ports, or the same twice, are named all at once', () => {
  const env = { IDENTITY_PORT: '0', NX_REDIS_PORT: 'redis', NX_KEYCLOAK_PORT: '5433' };
  expect(() => portsFromEnvironment(env)).toThrow(
    /IDENTITY_PORT=0 is not .*\nNX_POSTGRES_PORT and NX_KEYCLOAK_PORT both say port 5433\nNX_REDIS_PORT=redis is not /,
  );
});

test('without a word in the environment the usual ports are used', () => {
  expect(portsFromEnvironment({})).toEqual({
    service: 3000,
    metrics: 9464,
    internal: 3002,
    keycloak: 8080,
    keycloakManagement: 9000,
    postgres: 5433,
    redis: 6380,
    inbox: 8025,
    inboxSmtp: 1025,
  });
});

test('free ports are all different', async () => {
  const ports = Object.values(await freePorts());
  expect(new Set(ports).size).toBe(Object.keys(PORTS).length);
});

test('a part of your own needs its companions, all named at once', () => {
  const env = { DATABASE_URL: 'postgresql://x/y', IDENTITY_KEYCLOAK_URL: 'http://localhost:1' };
  expect(() => externalFromEnvironment(env)).toThrow(
    'DATABASE_URL is set, so DATABASE_OWNER_URL has to be set too\n' +
      'IDENTITY_KEYCLOAK_URL is set, so IDENTITY_KEYCLOAK_CLIENT_SECRET_FILE has to be set too',
  );
});
