import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { Sql } from '../database/database.js';
import { BASE } from '../http/base-path.js';
import { pageFields, pageReply } from '../http/page.js';
import { defineRoute, type Route } from '../http/route.js';
import { listConsents } from './consent-store.js';
import type { WriteConsent } from './write-consent.js';

const CONSENTS = `${BASE}/consents`;
const tag = 'consents';
const access = 'user';
const purpose = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/)
  .describe('What for, such as `terms`, `privacy`, `marketing`');
const textVersion = z
  .string()
  .regex(/^[\w.:-]{1,64}$/)
  .describe('Which text, such as `2026-11-01`: keep every text that was ever shown');
const channel = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/)
  .describe('How they were asked, such as `web`, `app`, `counter`');

const consentSchema = z.object({
  id: z.string(),
  purpose: z.string(),
  textVersion: z.string(),
  channel: z.string(),
  clientId: z.string().describe('The app by which the person had signed in'),
  givenAt: z.iso.datetime({ offset: true }),
  withdrawnAt: z.iso.datetime({ offset: true }).nullable().describe('null: it stands'),
});
const pageQuery = z.strictObject(pageFields(z.string().regex(/^\d{1,20}$/)));

/** What a person has agreed to (X2): their own, to read, to add to and to withdraw. */
export function consentRoutes(options: { sql: Sql; write: WriteConsent; limits: RequestHandler[] }): Route[] {
  const { sql, write, limits } = options;
  return [
    defineRoute({
      method: 'get',
      path: CONSENTS,
      summary: 'What you have agreed to, the newest first, withdrawn or not',
      description: '`Link` with rel="next" leads to the next page.',
      tag,
      access,
      query: pageQuery,
      responses: { 200: { description: 'A page', schema: z.array(consentSchema) } },
      handle: async ({ query }, { userId }) =>
        pageReply(CONSENTS, query, await listConsents(sql, userId, query)),
    }),
    defineRoute({
      method: 'post',
      path: CONSENTS,
      summary: 'Agree to a version of a text',
      description:
        'When and by which app is written down here. Agreed to already: the consent that stands, as it was.',
      tag,
      access,
      inputLimits: limits,
      body: z.strictObject({ purpose, textVersion, channel }),
      responses: {
        200: { description: 'Agreed to already', schema: consentSchema },
        201: { description: 'Agreed', schema: consentSchema },
      },
      async handle({ body, visitor }, { userId, claims }) {
        const clientId = String(claims.client_id);
        const { consent, isNew } = await write.give(userId, { ...body, clientId }, visitor);
        return { status: isNew ? 201 : 200, body: consent };
      },
    }),
    defineRoute({
      method: 'delete',
      path: `${CONSENTS}/{purpose}`,
      summary: 'Withdraw what you have agreed to for a purpose, in every version',
      description: 'What was agreed to until now stays written down.',
      tag,
      access,
      inputLimits: limits,
      params: z.object({ purpose }),
      responses: { 204: { description: 'Withdrawn' } },
      async handle({ params, visitor }, { userId }) {
        await write.withdraw(userId, params.purpose, visitor);
        return { status: 204 };
      },
    }),
  ];
}
