import { z } from 'zod';
import type { Sql } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { BASE } from '../http/base-path.js';
import { pageFields, pageReply } from '../http/page.js';
import { type Caller, defineRoute, type Route } from '../http/route.js';
import { registrationErrors } from './errors.js';
import { findService, listServices } from './registered-services.js';
import {
  grantDraftSchema,
  serviceChangeSchema,
  serviceDraftSchema,
  serviceId,
  serviceSchema,
} from './service-schema.js';
import type { WriteService } from './write-service.js';

export const SERVICES = `${BASE}/services`;
export const tag = 'services';
export const access = { role: '900_admin' } as const;
const one = `${SERVICES}/{id}`;
const params = z.object({ id: serviceId });
const pageQuery = z.strictObject({
  ...pageFields(serviceId),
});

/** Refuses with 401 (RFC 9470) or 403 whoever may not write. */
export type AdmitWriter = (caller: Caller) => Promise<void>;

/** Services that call us (contract §5b), and what each may call; for administrators of the platform. */
export function serviceRoutes(options: { sql: Sql; write: WriteService; admitWriter: AdmitWriter }): Route[] {
  return [...readingRoutes(options.sql), ...writingRoutes(options), ...grantRoutes(options)];
}

function readingRoutes(sql: Sql): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: SERVICES,
      summary: 'Services by id, and the calls that each is granted',
      tag,
      access,
      query: pageQuery,
      responses: { 200: { description: 'A page', schema: z.array(serviceSchema) } },
      handle: async ({ query }) => pageReply(SERVICES, query, await listServices(sql, query)),
    }),
    defineRoute({
      method: 'get',
      path: one,
      summary: 'A service',
      tag,
      access,
      params,
      responses: { 200: { description: 'The service', schema: serviceSchema } },
      async handle({ params: { id } }) {
        const service = await findService(sql, id);
        if (!service) throw new Problem(requestErrors.not_found);
        return { status: 200, body: service };
      },
    }),
  ];
}

function writingRoutes({ write, admitWriter }: { write: WriteService; admitWriter: AdmitWriter }): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: SERVICES,
      summary: 'A new service, without credentials and grants',
      tag,
      access,
      recentSignIn: true,
      admit: admitWriter,
      body: serviceDraftSchema,
      responses: { 201: { description: 'Made', schema: serviceSchema } },
      problems: [registrationErrors.exists, registrationErrors.unknown_audience],
      async handle({ body, visitor }, { userId }) {
        const made = await write.create(body, { userId, visitor });
        return { status: 201, body: made, headers: { Location: `${SERVICES}/${made.id}` } };
      },
    }),
    defineRoute({
      method: 'patch',
      path: one,
      summary: 'Describe, suspend or resume a service',
      description:
        'A suspended service proves nothing any more after ten seconds at most, and its system tokens end, at sisters by the status list. Its credentials are good again when it is resumed.',
      tag,
      access,
      recentSignIn: true,
      admit: admitWriter,
      params,
      body: serviceChangeSchema,
      responses: { 200: { description: 'Changed', schema: serviceSchema } },
      problems: [registrationErrors.unknown_audience],
      handle: async ({ params: { id }, body, visitor }, { userId }) => ({
        status: 200,
        body: await write.change(id, body, { userId, visitor }),
      }),
    }),
  ];
}

function grantRoutes({ write, admitWriter }: { write: WriteService; admitWriter: AdmitWriter }): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: `${one}/grants`,
      summary: 'Let a service make a call, of a merchant where the call is about one',
      tag,
      access,
      recentSignIn: true,
      admit: admitWriter,
      params,
      body: grantDraftSchema,
      responses: { 201: { description: 'The service', schema: serviceSchema } },
      problems: [registrationErrors.grant_exists],
      handle: async ({ params: { id }, body, visitor }, { userId }) => ({
        status: 201,
        body: await write.grant(id, body, { userId, visitor }),
      }),
    }),
    defineRoute({
      method: 'delete',
      path: `${one}/grants/{grantId}`,
      summary: 'Take a call from a service; ten seconds later at most it is refused',
      tag,
      access,
      recentSignIn: true,
      admit: admitWriter,
      params: params.extend({ grantId: z.string().max(200) }),
      responses: { 204: { description: 'Taken' } },
      async handle({ params: { id, grantId }, visitor }, { userId }) {
        await write.withdraw(id, grantId, { userId, visitor });
        return { status: 204 };
      },
    }),
  ];
}
