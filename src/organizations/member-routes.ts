import { z } from 'zod';
import { by } from '../audit/index.js';
import { BASE } from '../http/base-path.js';
import { pageDescription, pageFields, pageReply } from '../http/page.js';
import { defineRoute, type Route } from '../http/route.js';
import { plainId, policyErrors } from '../policies/index.js';
import { organizationErrors } from './errors.js';
import { memberChange, memberSchema } from './member.js';
import type { Members } from './members.js';
import { access, admission, one, refusals, tag } from './route-guards.js';
import type { FindScope } from './scope.js';

const MEMBERS = `${BASE}/members`;

/** Members of an organizer, for its owner and for administrators of the platform; new ones come by invitation. */
export function memberRoutes(findScope: FindScope, members: Members): Route[] {
  const admit = admission(findScope);
  const problems = [...refusals, ...Object.values(organizationErrors), ...Object.values(policyErrors)];
  return [
    defineRoute({
      method: 'get',
      path: MEMBERS,
      summary: 'The members of an organizer, or of one merchant of it, by id',
      description: pageDescription,
      tag,
      access,
      admit: admit.administrator,
      query: z.strictObject({ organizerId: plainId, merchantId: plainId.optional(), ...pageFields(plainId) }),
      responses: { 200: { description: 'A page', schema: z.array(memberSchema) } },
      problems: refusals,
      async handle({ query }, caller) {
        const scope = await findScope.of(caller, 'organizer', query.organizerId);
        return pageReply(MEMBERS, query, await members.list(scope, query));
      },
    }),
    defineRoute({
      method: 'get',
      path: `${MEMBERS}/{id}`,
      summary: 'A member and their roles inside',
      tag,
      access,
      admit: admit.administrator,
      params: one,
      responses: { 200: { description: 'The member', schema: memberSchema } },
      problems: refusals,
      handle: async ({ params }, caller) => ({
        status: 200,
        body: await members.find(await findScope.of(caller, 'member', params.id), params.id),
      }),
    }),
    defineRoute({
      method: 'patch',
      path: `${MEMBERS}/{id}`,
      summary: 'Other roles at a merchant, or at the whole organizer (merchantId null); or suspend, and back',
      description:
        'A suspended member has no right inside; back again, they have those that they had. Nobody gives more than ' +
        'they hold.',
      tag,
      access,
      recentSignIn: true,
      admit: admit.administrator,
      params: one,
      body: memberChange,
      responses: { 200: { description: 'Changed', schema: memberSchema } },
      problems,
      async handle({ params, body, visitor }, caller) {
        const scope = await findScope.of(caller, 'member', params.id);
        return { status: 200, body: await members.change(scope, params.id, body, by(caller, visitor)) };
      },
    }),
    defineRoute({
      method: 'delete',
      path: `${MEMBERS}/{id}`,
      summary: 'No member any more, and no right inside',
      tag,
      access,
      recentSignIn: true,
      admit: admit.administrator,
      params: one,
      responses: { 204: { description: 'Removed' } },
      problems,
      async handle({ params, visitor }, caller) {
        const scope = await findScope.of(caller, 'member', params.id);
        await members.remove(scope, params.id, by(caller, visitor));
        return { status: 204 };
      },
    }),
  ];
}
