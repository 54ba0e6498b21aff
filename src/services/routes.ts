import { z } from 'zod';
import { defineRoute, type Route } from '../http/route.js';

/** Contract §7. */
export const INTERNAL = '/internal/identity';

const whoSchema = z.object({ service: z.string(), calls: z.array(z.string()) });

/** What every service can ask on the internal listener, whatever else it is there for. */
export function internalRoutes(): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: `${INTERNAL}/whoami`,
      summary: 'The calling service, and the calls that it is granted',
      tag: 'internal',
      access: { service: 'whoami' },
      responses: { 200: { description: 'Who', schema: whoSchema } },
      async handle(_input, caller) {
        const calls = [...new Set(caller.grants.map((grant) => grant.call))];
        return { status: 200, body: { service: caller.name, calls } };
      },
    }),
  ];
}
