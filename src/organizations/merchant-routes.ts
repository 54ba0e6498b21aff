import { z } from 'zod';
import { by } from '../audit/index.js';
import { BASE } from '../http/base-path.js';
import { pageDescription, pageFields, pageReply } from '../http/page.js';
import { defineRoute, type Route } from '../http/route.js';
import { plainId } from '../policies/index.js';
import { organizationErrors } from './errors.js';
import type { Merchants } from './merchants.js';
import { merchantSchema, placeChange, placeName } from './organizer.js';
import { access, admission, one, refusals, tag } from './route-guards.js';
import type { FindScope } from './scope.js';

const MERCHANTS = `${BASE}/merchants`;

/** Merchants of an organizer, for its owner and for administrators of the platform. */
export function merchantRoutes(findScope: FindScope, merchants: Merchants): Route[] {
  const admit = admission(findScope);
  const problems = [...refusals, organizationErrors.suspended];
  return [
    defineRoute({
      method: 'get',
      path: MERCHANTS,
      summary: 'The merchants of an organizer, by id',
      description: pageDescription,
      tag,
      access,
      admit: admit.administrator,
      query: z.strictObject({ organizerId: plainId, ...pageFields(plainId) }),
      responses: { 200: { description: 'A page', schema: z.array(merchantSchema) } },
      problems: refusals,
      async handle({ query }, caller) {
        const scope = await findScope.of(caller, 'organizer', query.organizerId);
        return pageReply(MERCHANTS, query, await merchants.list(scope, query));
      },
    }),
    defineRoute({
      method: 'post',
      path: MERCHANTS,
      summary: 'A new merchant of an organizer; what is held at the organizer is held there too',
      tag,
      access,
      recentSignIn: true,
      admit: admit.administrator,
      body: z.strictObject({ organizerId: plainId, name: placeName }),
      responses: { 201: { description: 'Made', schema: merchantSchema } },
      problems,
      async handle({ body, visitor }, caller) {
        const scope = await findScope.of(caller, 'organizer', body.organizerId);
        const made = await merchants.create(scope, { name: body.name }, by(caller, visitor));
        return { status: 201, body: made, headers: { Location: `${MERCHANTS}/${made.id}` } };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${MERCHANTS}/{id}`,
      summary: 'A merchant',
      tag,
      access,
      admit: admit.administrator,
      params: one,
      responses: { 200: { description: 'The merchant', schema: merchantSchema } },
      problems: refusals,
      handle: async ({ params }, caller) => ({
        status: 200,
        body: await merchants.find(await findScope.of(caller, 'merchant', params.id), params.id),
      }),
    }),
    defineRoute({
      method: 'patch',
      path: `${MERCHANTS}/{id}`,
      summary: 'Another name, or an end to what everybody may there; active again, all of it is as before',
      tag,
      access,
      recentSignIn: true,
      admit: admit.administrator,
      params: one,
      body: placeChange,
      responses: { 200: { description: 'Changed', schema: merchantSchema } },
      problems,
      async handle({ params, body, visitor }, caller) {
        const scope = await findScope.of(caller, 'merchant', params.id);
        return { status: 200, body: await merchants.change(scope, params.id, body, by(caller, visitor)) };
      },
    }),
  ];
}
