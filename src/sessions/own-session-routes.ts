import { z } from 'zod';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { BASE } from '../http/base-path.js';
import { defineRoute, type Route } from '../http/route.js';
import type { EndSessions } from './end-session.js';
import type { ListSessions } from './list-sessions.js';
import { sessionIdSchema, sessionSchema } from './session-schema.js';

const PATH = `${BASE}/auth/sessions`;

/** A person sees where they are signed in, and ends what they don't know (S12). */
export function ownSessionRoutes(options: {
  listSessions: ListSessions;
  endSessions: Pick<EndSessions, 'end'>;
}): Route[] {
  const { listSessions, endSessions } = options;
  const tag = 'sessions';
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      summary: 'Your open sessions, the one used last first',
      tag,
      access: 'user',
      responses: {
        200: { description: 'The sessions', schema: z.array(sessionSchema.extend({ current: z.boolean() })) },
      },
      async handle(_input, caller) {
        const sessions = await listSessions(caller.userId);
        const body = sessions.map((session) => ({ ...session, current: session.id === caller.sessionId }));
        return { status: 200, body };
      },
    }),
    defineRoute({
      method: 'delete',
      path: `${PATH}/{id}`,
      summary: 'End one of your sessions, in Keycloak too',
      tag,
      access: 'user',
      params: z.object({ id: sessionIdSchema }),
      responses: { 204: { description: 'Ended' } },
      async handle({ params, visitor }, caller) {
        const by = { actor: { type: 'user', id: caller.userId }, visitor } as const;
        const target = { sessionId: params.id, userId: caller.userId };
        if (!(await endSessions.end(target, 'ended_by_owner', by)))
          throw new Problem(requestErrors.not_found);
        return { status: 204 };
      },
    }),
  ];
}
