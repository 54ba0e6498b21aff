import { z } from 'zod';
import { type Audit, acting, by } from '../audit/index.js';
import type { Sql } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { BASE } from '../http/base-path.js';
import { defineRoute, type Route } from '../http/route.js';
import type { EndSessions } from './end-session.js';
import type { ListSessions } from './list-sessions.js';
import { sessionIdSchema, sessionSchema } from './session-schema.js';

const PATH = `${BASE}/users/{userId}/sessions`;
const access = { role: '900_admin' } as const;
const userId = z.string().regex(/^\d{1,20}$/);

/** Anybody's sessions, for platform administrators (S8, contract §5b): what they look at is audited too. */
export function peopleSessionRoutes(options: {
  sql: Sql;
  audit: Pick<Audit, 'record'>;
  listSessions: ListSessions;
  endSessions: Pick<EndSessions, 'end' | 'endAll'>;
}): Route[] {
  const { sql, audit, listSessions, endSessions } = options;
  const tag = 'administration';

  async function refuseUnknown(id: string): Promise<void> {
    const [known] = await sql.query('SELECT FROM identity."User" WHERE id = $1', [id]);
    if (!known) throw new Problem(requestErrors.not_found);
  }

  return [
    defineRoute({
      method: 'get',
      path: PATH,
      summary: 'The open sessions of a person, the one used last first',
      tag,
      access,
      params: z.object({ userId }),
      responses: { 200: { description: 'The sessions', schema: z.array(sessionSchema) } },
      async handle({ params, visitor }, caller) {
        await refuseUnknown(params.userId);
        const subject = { type: 'user', id: params.userId } as const;
        await audit.record(sql, { ...acting(by(caller, visitor)), action: 'session.read', subject });
        return { status: 200, body: await listSessions(params.userId) };
      },
    }),
    defineRoute({
      method: 'delete',
      path: `${PATH}/{id}`,
      summary: 'End a session of a person, in Keycloak too',
      tag,
      access,
      params: z.object({ userId, id: sessionIdSchema }),
      responses: { 204: { description: 'Ended' } },
      async handle({ params, visitor }, caller) {
        const target = { sessionId: params.id, userId: params.userId };
        const ended = await endSessions.end(target, 'ended_by_admin', acting(by(caller, visitor)));
        if (!ended) throw new Problem(requestErrors.not_found);
        return { status: 204 };
      },
    }),
    defineRoute({
      method: 'delete',
      path: PATH,
      summary: 'End every session of a person, those that only Keycloak knows included',
      tag,
      access,
      params: z.object({ userId }),
      responses: { 204: { description: 'Ended' } },
      async handle({ params, visitor }, caller) {
        await refuseUnknown(params.userId);
        await endSessions.endAll(params.userId, 'ended_by_admin', acting(by(caller, visitor)));
        return { status: 204 };
      },
    }),
  ];
}
