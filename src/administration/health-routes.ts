import { z } from 'zod';
import { BASE } from '../http/base-path.js';
import { defineRoute, type Route } from '../http/route.js';
import type { Readiness } from './readiness.js';

const ok = z.object({ status: z.literal('ok') });
const part = z.enum(['unseen', 'up', 'down']);
const readySchema = z.object({
  status: z.enum(['ready', 'degraded', 'starting', 'stopping']),
  parts: z.object({ postgres: part, redis: part, keycloak: part, keys: part }),
});

/** Alive, ready, and the plain health that the platform's framework asks for (R2). */
export function healthRoutes(readiness: Readiness): Route[] {
  const alive = ['/health', `${BASE}/health`, `${BASE}/healthz`].map((path) =>
    defineRoute({
      method: 'get',
      path,
      summary: 'The process is alive',
      tag: 'health',
      access: 'public',
      responses: { 200: { description: 'Alive', schema: ok } },
      handle: async () => ({ status: 200, body: { status: 'ok' } }),
    }),
  );
  const ready = defineRoute({
    method: 'get',
    path: `${BASE}/readyz`,
    summary: 'Whether requests should be sent here, and which part is down',
    tag: 'health',
    access: 'public',
    responses: {
      200: { description: 'Ready, or degraded with the part named', schema: readySchema },
      503: { description: 'Starting or stopping', schema: readySchema },
    },
    async handle() {
      const report = readiness.report();
      const serves = report.status === 'ready' || report.status === 'degraded';
      return { status: serves ? 200 : 503, body: report, headers: serves ? {} : { 'Retry-After': '2' } };
    },
  });
  return [...alive, ready];
}
