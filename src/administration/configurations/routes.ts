import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { Sql } from '../../database/database.js';
import { Problem } from '../../errors/problem.js';
import { requestErrors } from '../../errors/request-errors.js';
import { BASE } from '../../http/base-path.js';
import { pageFields, pageReply } from '../../http/page.js';
import { type Caller, defineRoute, type Route } from '../../http/route.js';
import type { Language } from '../../messaging/index.js';
import { policyErrors } from '../../policies/index.js';
import { CODES } from './codes.js';
import {
  changeSchema,
  configurationId,
  configurationSchema,
  draftSchema,
  merchantId,
  trialSchema,
} from './configuration-schema.js';
import { findConfiguration, listConfigurations } from './configuration-store.js';
import { configurationErrors } from './errors.js';
import { type FindReach, requireWithin } from './reach.js';
import type { TryConfiguration } from './try-configuration.js';
import type { WriteConfiguration } from './write-configuration.js';

const CONFIGURATIONS = `${BASE}/configurations`;
const one = `${CONFIGURATIONS}/{id}`;
const tag = 'configurations';
const access = { token: 'platform' } as const;
const params = z.object({ id: configurationId });
const pageQuery = z.strictObject({
  code: z.enum(CODES).optional(),
  merchantId: merchantId.optional(),
  ...pageFields(configurationId),
});
const description =
  'For administrators of the platform, and for the owner of the merchant’s organizer. ' +
  'Every replica acts on it within three seconds.';
const refusals = [policyErrors.not_administrator, requestErrors.not_found];

export interface ConfigurationRoutes {
  sql: Sql;
  findReach: FindReach;
  write: WriteConfiguration;
  tryConfiguration: TryConfiguration;
  chooseLanguage(accepted: readonly string[]): Language;
  trialLimits: RequestHandler[];
}

/** Rows of `Configuration` (contract §9): the platform's and the merchants' own. A credential goes in and never comes out. */
export function configurationRoutes(options: ConfigurationRoutes): Route[] {
  return [...readingRoutes(options), ...writingRoutes(options), trialRoute(options)];
}

/** Admits whoever administers something. */
const administrator =
  (findReach: FindReach) =>
  async ({ userId }: Caller): Promise<void> =>
    void (await findReach(userId));

function readingRoutes({ sql, findReach }: ConfigurationRoutes): Route[] {
  const admit = administrator(findReach);
  return [
    defineRoute({
      method: 'get',
      path: CONFIGURATIONS,
      summary: 'Configurations by id',
      description: 'An owner is shown their merchants’. `Link` with rel="next" leads to the next page.',
      tag,
      access,
      admit,
      query: pageQuery,
      responses: { 200: { description: 'A page', schema: z.array(configurationSchema) } },
      problems: refusals,
      async handle({ query }, { userId }) {
        const { limit, cursor, ...filter } = query;
        const reach = await findReach(userId);
        if (filter.merchantId !== undefined) requireWithin(reach, filter.merchantId);
        const page = await listConfigurations(sql, filter, reach, { limit, cursor });
        return pageReply(CONFIGURATIONS, query, page);
      },
    }),
    defineRoute({
      method: 'get',
      path: one,
      summary: 'A configuration',
      tag,
      access,
      admit,
      params,
      responses: { 200: { description: 'The configuration', schema: configurationSchema } },
      problems: refusals,
      async handle({ params: { id } }, { userId }) {
        const row = await findConfiguration(sql, id);
        if (!row) throw new Problem(requestErrors.not_found);
        requireWithin(await findReach(userId), row.merchantId);
        return { status: 200, body: row };
      },
    }),
  ];
}

function writingRoutes({ findReach, write }: ConfigurationRoutes): Route[] {
  const admit = administrator(findReach);
  const writer = async ({ userId }: Caller, visitor: Parameters<Route['handle']>[0]['visitor']) => ({
    userId,
    reach: await findReach(userId),
    visitor,
  });
  const { exists, above_platform, credential_needed } = configurationErrors;
  return [
    defineRoute({
      method: 'post',
      path: CONFIGURATIONS,
      summary: 'A new configuration, of the platform or of a merchant',
      description,
      tag,
      access,
      recentSignIn: true,
      admit,
      body: draftSchema,
      responses: { 201: { description: 'Made', schema: configurationSchema } },
      problems: [...refusals, exists, above_platform],
      async handle({ body, visitor }, caller) {
        const made = await write.create(body, await writer(caller, visitor));
        return { status: 201, body: made, headers: { Location: `${CONFIGURATIONS}/${made.id}` } };
      },
    }),
    defineRoute({
      method: 'patch',
      path: one,
      summary: 'Other data, another credential or another status',
      description: `${description} What is not named stays; \`data\` is taken whole. Where the change says to whom the credential is shown, the credential has to be given again.`,
      tag,
      access,
      recentSignIn: true,
      admit,
      params,
      body: changeSchema,
      responses: { 200: { description: 'Changed', schema: configurationSchema } },
      problems: [...refusals, above_platform, credential_needed],
      handle: async ({ params: { id }, body, visitor }, caller) => ({
        status: 200,
        body: await write.change(id, body, await writer(caller, visitor)),
      }),
    }),
    defineRoute({
      method: 'delete',
      path: one,
      summary: 'Remove a configuration: a merchant’s falls back to the platform’s',
      description,
      tag,
      access,
      recentSignIn: true,
      admit,
      params,
      responses: { 204: { description: 'Removed' } },
      problems: refusals,
      async handle({ params: { id }, visitor }, caller) {
        await write.remove(id, await writer(caller, visitor));
        return { status: 204 };
      },
    }),
  ];
}

function trialRoute({
  findReach,
  tryConfiguration,
  chooseLanguage,
  trialLimits,
}: ConfigurationRoutes): Route {
  const { sends_nothing, no_proven_recipient } = configurationErrors;
  return defineRoute({
    method: 'post',
    path: `${one}/test-send`,
    summary: 'Send the text of a code, 000000, by this configuration to your own proven number or address',
    description:
      'By the provider itself, also where messages go to a development inbox, and whether the configuration is active or ' +
      'not. Ten an hour for a person.',
    tag,
    access,
    admit: administrator(findReach),
    inputLimits: trialLimits,
    params,
    body: z.strictObject({}),
    responses: { 200: { description: 'What became of it', schema: trialSchema } },
    problems: [...refusals, sends_nothing, no_proven_recipient],
    async handle({ params: { id }, languages, visitor }, { userId }) {
      const writer = { userId, reach: await findReach(userId), visitor };
      return { status: 200, body: await tryConfiguration(id, chooseLanguage(languages), writer) };
    },
  });
}
