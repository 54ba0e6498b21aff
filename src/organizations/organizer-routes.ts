import { z } from 'zod';
import { by } from '../audit/index.js';
import { requestErrors } from '../errors/request-errors.js';
import { BASE } from '../http/base-path.js';
import { pageDescription, pageFields, pageReply } from '../http/page.js';
import { defineRoute, type Route } from '../http/route.js';
import { plainId, policyErrors } from '../policies/index.js';
import { organizationErrors } from './errors.js';
import { organizerSchema, placeChange, placeName } from './organizer.js';
import type { Organizers } from './organizers.js';
import { access, admission, one, refusals, tag } from './route-guards.js';
import type { FindScope } from './scope.js';

const ORGANIZERS = `${BASE}/organizers`;

/** Organizers (contract §5b): made and suspended by administrators of the platform, seen by their owners too. */
export function organizerRoutes(findScope: FindScope, organizers: Organizers): Route[] {
  const admit = admission(findScope);
  return [
    defineRoute({
      method: 'get',
      path: ORGANIZERS,
      summary: 'The organizers that the caller administers, by id',
      description: pageDescription,
      tag,
      access,
      admit: admit.administrator,
      query: z.strictObject(pageFields(plainId)),
      responses: { 200: { description: 'A page', schema: z.array(organizerSchema) } },
      problems: [policyErrors.not_administrator],
      handle: async ({ query }, caller) =>
        pageReply(ORGANIZERS, query, await organizers.list(await findScope.findAdministrator(caller), query)),
    }),
    defineRoute({
      method: 'post',
      path: ORGANIZERS,
      summary: 'A new organizer, a tenant of its own, with its first owner',
      description: 'Administrators of the platform alone.',
      tag,
      access,
      recentSignIn: true,
      admit: admit.platform,
      body: z.strictObject({ name: placeName, ownerId: plainId }),
      responses: { 201: { description: 'Made', schema: organizerSchema } },
      problems: [...refusals, requestErrors.role_missing, organizationErrors.unknown_person],
      async handle({ body, visitor }, caller) {
        const made = await organizers.create(body, by(caller, visitor));
        return { status: 201, body: made, headers: { Location: `${ORGANIZERS}/${made.id}` } };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${ORGANIZERS}/{id}`,
      summary: 'An organizer',
      tag,
      access,
      admit: admit.administrator,
      params: one,
      responses: { 200: { description: 'The organizer', schema: organizerSchema } },
      problems: refusals,
      handle: async ({ params }, caller) => ({
        status: 200,
        body: await organizers.find(await findScope.of(caller, 'organizer', params.id)),
      }),
    }),
    defineRoute({
      method: 'patch',
      path: `${ORGANIZERS}/{id}`,
      summary: 'Another name, or an end to what everybody may inside; active again, all of it is as before',
      description: 'Administrators of the platform alone.',
      tag,
      access,
      recentSignIn: true,
      admit: admit.platform,
      params: one,
      body: placeChange,
      responses: { 200: { description: 'Changed', schema: organizerSchema } },
      problems: [...refusals, requestErrors.role_missing],
      async handle({ params, body, visitor }, caller) {
        const scope = await findScope.of(caller, 'organizer', params.id);
        return { status: 200, body: await organizers.change(scope, body, by(caller, visitor)) };
      },
    }),
  ];
}
