import type { RequestHandler } from 'express';
import { z } from 'zod';
import { by } from '../../audit/index.js';
import { BASE } from '../../http/base-path.js';
import { pageDescription, pageFields, pageReply } from '../../http/page.js';
import { defineRoute, type Route } from '../../http/route.js';
import { plainId, policyErrors } from '../../policies/index.js';
import { invitationErrors, organizationErrors } from '../errors.js';
import { access, admission, one, refusals, tag } from '../route-guards.js';
import type { FindScope } from '../scope.js';
import type { AcceptInvitation } from './accept-invitation.js';
import { invitationSchema, invitationToken, newInvitationSchema } from './invitation.js';
import type { Invitations } from './invitations.js';

const INVITATIONS = `${BASE}/invitations`;
const membershipSchema = z.object({
  organizerId: z.string(),
  merchantId: z.string().nullable(),
  memberId: z.string(),
});

export interface InvitationRoutes {
  findScope: FindScope;
  invitations: Invitations;
  acceptInvitation: AcceptInvitation;
  limits: { send: RequestHandler; accept: RequestHandler };
}

/** Invitations (contract §5b): by e-mail or SMS, good for 7 days, for whoever has proven that address or number. */
export function invitationRoutes({
  invitations,
  acceptInvitation,
  limits,
  findScope,
}: InvitationRoutes): Route[] {
  const admit = admission(findScope);
  const problems = [
    ...refusals,
    ...Object.values(invitationErrors),
    organizationErrors.suspended,
    policyErrors.unknown_reference,
    policyErrors.not_enforceable,
    policyErrors.more_than_held,
  ];
  return [
    defineRoute({
      method: 'get',
      path: INVITATIONS,
      summary: 'The invitations of an organizer, by id',
      description: pageDescription,
      tag,
      access,
      admit: admit.administrator,
      query: z.strictObject({
        organizerId: plainId,
        status: invitationSchema.shape.status.optional(),
        ...pageFields(plainId),
      }),
      responses: { 200: { description: 'A page', schema: z.array(invitationSchema) } },
      problems: refusals,
      async handle({ query }, caller) {
        const scope = await findScope.of(caller, 'organizer', query.organizerId);
        return pageReply(INVITATIONS, query, await invitations.list(scope, query));
      },
    }),
    defineRoute({
      method: 'post',
      path: INVITATIONS,
      summary: 'Invite somebody to a role at a merchant, or at the whole organizer (merchantId null)',
      description: 'The answer is the same whether anybody has that identifier or not.',
      tag,
      access,
      recentSignIn: true,
      admit: admit.administrator,
      inputLimits: [limits.send],
      body: newInvitationSchema,
      responses: { 201: { description: 'Promised', schema: invitationSchema } },
      problems,
      async handle({ body, visitor }, caller) {
        const scope = await findScope.of(caller, 'organizer', body.organizerId);
        return { status: 201, body: await invitations.create(scope, body, by(caller, visitor)) };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${INVITATIONS}/{id}/resend`,
      summary: 'Send it once more, with another link, for 7 days from now; the link before is dead',
      description: 'A minute apart, five times in all.',
      tag,
      access,
      recentSignIn: true,
      admit: admit.administrator,
      inputLimits: [limits.send],
      params: one,
      body: z.strictObject({}),
      responses: { 200: { description: 'Promised', schema: invitationSchema } },
      problems,
      async handle({ params, visitor }, caller) {
        const scope = await findScope.of(caller, 'invitation', params.id);
        return { status: 200, body: await invitations.resend(scope, params.id, by(caller, visitor)) };
      },
    }),
    defineRoute({
      method: 'delete',
      path: `${INVITATIONS}/{id}`,
      summary: 'Withdraw it: its link is dead',
      tag,
      access,
      admit: admit.administrator,
      params: one,
      responses: { 204: { description: 'Withdrawn' } },
      problems: [...refusals, invitationErrors.not_open, organizationErrors.suspended],
      async handle({ params, visitor }, caller) {
        const scope = await findScope.of(caller, 'invitation', params.id);
        await invitations.withdraw(scope, params.id, by(caller, visitor));
        return { status: 204 };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${INVITATIONS}/{token}/accept`,
      summary:
        'Accept, as the person who has proven the invited address or number; the next refresh shows the rights',
      tag,
      access,
      limits: [limits.accept],
      params: z.object({ token: invitationToken }),
      body: z.strictObject({}),
      responses: { 200: { description: 'A member', schema: membershipSchema } },
      problems: [...Object.values(invitationErrors), ...Object.values(organizationErrors)],
      handle: async ({ params, visitor }, caller) => ({
        status: 200,
        body: await acceptInvitation(params.token, by(caller, visitor)),
      }),
    }),
  ];
}
