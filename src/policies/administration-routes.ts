import { z } from 'zod';
import type { Database } from '../database/database.js';
import { Problem, type ProblemKind } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { BASE } from '../http/base-path.js';
import { pageFields, pageReply } from '../http/page.js';
import { type Caller, defineRoute, type Reply, type Route } from '../http/route.js';
import type { FindAdministrator } from './administrator.js';
import { policyErrors } from './errors.js';
import { VARIANTS } from './policy-row.js';
import {
  changeSchema,
  domainSchema,
  draftSchema,
  dryRunSchema,
  plainId,
  policySchema,
  typeName,
} from './policy-schema.js';
import { listPolicies } from './policy-store.js';
import type { WritePolicies, Written } from './write-policy.js';

export const POLICIES = `${BASE}/policies`;
const tag = 'policies';
const access = { token: 'platform' } as const;
const params = z.object({ id: plainId });
const writeQuery = z.strictObject({
  dryRun: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
});
const pageQuery = z.strictObject({
  variant: z.enum(VARIANTS).optional(),
  subjectType: typeName.optional(),
  subjectId: plainId.optional(),
  targetType: typeName.optional(),
  targetId: plainId.optional(),
  domain: domainSchema.optional(),
  origin: z.enum(['manual', 'keycloak', 'seed']).optional(),
  ...pageFields(plainId),
});
const description =
  'For administrators of the platform, and for an organizer’s owner inside it. With `dryRun=true` nothing is written, and ' +
  'the answer is what the row’s subject would gain and lose.';

export interface AdministrationRoutes {
  database: Database;
  findAdministrator: FindAdministrator;
  write: WritePolicies;
}

/** The rows of PolicyDefinition (contract §5), for those who administer them. */
export function policyRoutes({ database, findAdministrator, write }: AdministrationRoutes): Route[] {
  const admit = async ({ userId }: Caller): Promise<void> => {
    await findAdministrator(userId);
  };
  const writeProblems: ProblemKind[] = [requestErrors.not_found, ...Object.values(policyErrors)];
  const dryRun = {
    200: { description: 'What would change; or the row', schema: z.union([policySchema, dryRunSchema]) },
  };

  return [
    defineRoute({
      method: 'get',
      path: POLICIES,
      summary: 'Rows of PolicyDefinition, by id',
      description: 'An owner is shown what counts inside. `Link` with rel="next" leads to the next page.',
      tag,
      access,
      admit,
      query: pageQuery,
      responses: { 200: { description: 'A page', schema: z.array(policySchema) } },
      problems: [policyErrors.not_administrator, requestErrors.not_found],
      async handle({ query }, { userId }) {
        const { limit, cursor, ...filter } = query;
        const { domains } = await findAdministrator(userId);
        if (filter.domain !== undefined && domains !== undefined && !domains.has(filter.domain))
          throw new Problem(requestErrors.not_found);
        const within = domains && [...domains];
        return pageReply(POLICIES, query, await listPolicies(database, filter, within, { limit, cursor }));
      },
    }),
    defineRoute({
      method: 'post',
      path: POLICIES,
      summary: 'Add a row',
      description,
      tag,
      access,
      recentSignIn: true,
      admit,
      query: writeQuery,
      body: draftSchema,
      responses: { ...dryRun, 201: { description: 'The row', schema: policySchema } },
      problems: writeProblems,
      handle: async ({ body, query, visitor }, { userId }) =>
        answer(await write.create(body, { userId, visitor, ...query }), 201),
    }),
    defineRoute({
      method: 'patch',
      path: `${POLICIES}/{id}`,
      summary: 'Change what a row says: action, effect, domain, metadata',
      description,
      tag,
      access,
      recentSignIn: true,
      admit,
      params,
      query: writeQuery,
      body: changeSchema,
      responses: dryRun,
      problems: writeProblems,
      handle: async ({ params: { id }, body, query, visitor }, { userId }) =>
        answer(await write.change(id, body, { userId, visitor, ...query }), 200),
    }),
    defineRoute({
      method: 'delete',
      path: `${POLICIES}/{id}`,
      summary: 'Remove a row',
      description,
      tag,
      access,
      recentSignIn: true,
      admit,
      params,
      query: writeQuery,
      responses: {
        200: { description: 'What would change', schema: dryRunSchema },
        204: { description: 'Removed' },
      },
      problems: writeProblems,
      handle: async ({ params: { id }, query, visitor }, { userId }) =>
        answer(await write.remove(id, { userId, visitor, ...query }), 204),
    }),
  ];
}

function answer({ policy, dryRun }: Written, status: number): Reply {
  return dryRun ? { status: 200, body: dryRun } : { status, body: policy };
}
