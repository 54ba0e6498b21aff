import { z } from 'zod';
import type { Sql } from '../../database/database.js';
import { Problem } from '../../errors/problem.js';
import { requestErrors } from '../../errors/request-errors.js';
import { BASE } from '../../http/base-path.js';
import { pageFields, pageReply } from '../../http/page.js';
import { type Caller, defineRoute, type Route } from '../../http/route.js';
import { clientChangeSchema, clientDraftSchema, clientId, clientSchema } from './client-schema.js';
import { findClient, listClients } from './client-store.js';
import { clientErrors } from './errors.js';
import type { WriteClient } from './write-client.js';

const CLIENTS = `${BASE}/clients`;
const one = `${CLIENTS}/{id}`;
const tag = 'clients';
const access = { role: '900_admin' } as const;
const params = z.object({ id: clientId });
const pageQuery = z.strictObject({
  merchantId: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
  ...pageFields(clientId),
});

interface ClientRoutes {
  sql: Sql;
  write: WriteClient;
  /** Refuses with 401 or 403 whoever may not write. */
  admitWriter(caller: Caller): Promise<void>;
}

/** Registered apps (contract §4, §5b): where Keycloak’s pages lead back to, and whose messages theirs are. */
export function clientRoutes(options: ClientRoutes): Route[] {
  return [...readingRoutes(options.sql), ...writingRoutes(options)];
}

function readingRoutes(sql: Sql): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: CLIENTS,
      summary: 'Registered apps by id',
      tag,
      access,
      query: pageQuery,
      responses: { 200: { description: 'A page', schema: z.array(clientSchema) } },
      handle: async ({ query }) => pageReply(CLIENTS, query, await listClients(sql, query)),
    }),
    defineRoute({
      method: 'get',
      path: one,
      summary: 'A registered app',
      tag,
      access,
      params,
      responses: { 200: { description: 'The app', schema: clientSchema } },
      async handle({ params: { id } }) {
        const client = await findClient(sql, id);
        if (!client) throw new Problem(requestErrors.not_found);
        return { status: 200, body: client };
      },
    }),
  ];
}

function writingRoutes({ write, admitWriter }: ClientRoutes): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: CLIENTS,
      summary: 'Register an app, of the platform or of a merchant',
      description:
        'A merchant’s app sends by that merchant’s own providers: whoever runs them sees the codes of everybody who uses it.',
      tag,
      access,
      recentSignIn: true,
      admit: admitWriter,
      body: clientDraftSchema,
      responses: { 201: { description: 'Registered', schema: clientSchema } },
      problems: [clientErrors.exists],
      async handle({ body, visitor }, { userId }) {
        const made = await write.create(body, { userId, visitor });
        return { status: 201, body: made, headers: { Location: `${CLIENTS}/${made.id}` } };
      },
    }),
    defineRoute({
      method: 'patch',
      path: one,
      summary: 'Another name, other redirect URIs, or another status',
      description: 'A suspended app is as if it were not registered.',
      tag,
      access,
      recentSignIn: true,
      admit: admitWriter,
      params,
      body: clientChangeSchema,
      responses: { 200: { description: 'Changed', schema: clientSchema } },
      problems: [clientErrors.kept],
      handle: async ({ params: { id }, body, visitor }, { userId }) => ({
        status: 200,
        body: await write.change(id, body, { userId, visitor }),
      }),
    }),
  ];
}
