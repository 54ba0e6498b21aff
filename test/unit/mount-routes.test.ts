import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { createApp } from '../../src/http/create-app.js';
import { NO_PEOPLE } from '../../src/http/no-people.js';
import { defineRoute } from '../../src/http/route.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { createMetrics } from '../../src/telemetry/metrics.js';

const route = (path: string, method: 'get' | 'patch') =>
  defineRoute({
    method,
    path,
    summary: 'A test',
    tag: 'test',
    access: 'public',
    responses: { 204: { description: 'Done' } },
    handle: async () => ({ status: 204 }),
  });

test('a path that is whole comes before one that has parts to fill in, whichever was declared first (R3)', async () => {
  const app = createApp({
    routes: [route('/things/{id}', 'patch'), route('/things/export', 'get')],
    trustedHops: 0,
    corsOrigins: [],
    secureCookies: false,
    personGate: NO_PEOPLE,
    serviceGate: { identify: [], permit: () => (_request, _response, next) => next() },
    logger: createLogger({ level: 'silent' }),
    metrics: createMetrics(),
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { status, headers } = await fetch(`http://127.0.0.1:${port}/things/export`, { method: 'PATCH' });
  server.close();
  expect([status, headers.get('allow')]).toEqual([405, 'GET']);
});
