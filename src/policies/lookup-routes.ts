import { z } from 'zod';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { type Caller, defineRoute, isService, type Route, type ServiceCaller } from '../http/route.js';
import { POLICIES } from './administration-routes.js';
import { isPlatformAdministrator } from './administrator.js';
import type { ChangeFeed } from './change-feed.js';
import type { DescribeSubject } from './describe-subject.js';
import { policyErrors } from './errors.js';
import type { PermitAll, PermitResult } from './permit.js';
import type { PolicyCache } from './policy-cache.js';
import { merchantDomain, PLATFORM } from './policy-domain.js';
import type { PolicySubject } from './policy-row.js';
import {
  actionSchema,
  domainSchema,
  objectSchema,
  permissionSchema,
  plainId,
  typeName,
} from './policy-schema.js';

const tag = 'policies';
/** The call that a service's grant names. */
const READ = 'policies.read';
const access = { anyOf: ['user', { service: READ }] } as const;
const MOST_CHECKS = 100;

const subjectSchema = z.strictObject({ type: typeName, id: plainId });
const checkBody = z.strictObject({
  checks: z
    .array(z.strictObject({ domain: domainSchema.optional(), object: objectSchema, action: actionSchema }))
    .min(1)
    .max(MOST_CHECKS),
  subject: subjectSchema.optional(),
});
const becauseSchema = z.object({
  reason: z.enum(['granted', 'denied', 'not_granted', 'subject_inactive', 'outside_branch']),
  policyId: z.string().optional(),
  subjectType: z.string().optional(),
  subjectId: z.string().optional(),
});
const checkAnswer = z.object({
  results: z.array(z.object({ allowed: z.boolean(), because: becauseSchema.optional() })),
  policyVersion: z.int(),
  cursor: z.string().describe('Whoever keeps the answers reads `/policies/changes` on from here'),
});
const subjectAnswer = z.object({
  roles: z.array(z.object({ id: z.string(), identifier: z.string(), priority: z.int() })),
  organizers: z.array(z.string()),
  merchants: z.array(z.string()),
  permissions: z.array(permissionSchema),
  truncated: z.boolean().optional().describe('There is more than one answer holds'),
  policyVersion: z.int(),
});
const changesAnswer = z.object({
  changes: z.array(z.object({ subjectType: z.string(), subjectId: z.string(), policyVersion: z.int() })),
  cursor: z.string(),
  more: z.boolean().describe('There is more than one answer holds'),
});

export interface LookupRoutes {
  policies: Pick<PolicyCache, 'of'>;
  permitAll: PermitAll;
  describeSubject: DescribeSubject;
  feed: Pick<ChangeFeed, 'read'>;
}

/** What somebody may do, and whose rights have changed (contract §5, P2, P3). */
export function lookupRoutes({ policies, permitAll, describeSubject, feed }: LookupRoutes): Route[] {
  /** By a branch token nobody is one: a branch is not the platform. */
  const isAdministrator = async (caller: Caller) =>
    branchOf(caller) === undefined &&
    isPlatformAdministrator(await policies.of({ type: 'User', id: caller.userId }));

  async function subjectOf(
    caller: Caller | ServiceCaller,
    asked: PolicySubject | undefined,
  ): Promise<PolicySubject> {
    const own = ownSubject(caller);
    if (!asked || isSame(asked, own) || isService(caller) || (await isAdministrator(caller)))
      return asked ?? own;
    throw new Problem(policyErrors.other_subject);
  }

  return [
    defineRoute({
      method: 'post',
      path: `${POLICIES}/check`,
      summary: 'May the caller, or somebody else, do this here?',
      description:
        `At most ${MOST_CHECKS} checks, answered in their order and of one moment, at most a second old. Without a domain ` +
        'a check is about the platform, with a branch token about the branch; other domains than the branch are not ' +
        'allowed to it. Another subject only for administrators and services.',
      tag,
      access,
      body: checkBody,
      responses: { 200: { description: 'The answers', schema: checkAnswer } },
      problems: [policyErrors.other_subject],
      async handle({ body }, caller) {
        const subject = await subjectOf(caller, body.subject);
        const branch = isSame(subject, ownSubject(caller)) ? branchOf(caller) : undefined;
        const questions = body.checks.map((check) => ({
          ...check,
          domain: check.domain ?? branch ?? PLATFORM,
        }));
        const { results, policyVersion, asOf } = await permitAll(subject, questions);
        const inBranch = (result: PermitResult, index: number): PermitResult =>
          branch === undefined || questions[index]?.domain === branch
            ? result
            : { allowed: false, because: { reason: 'outside_branch' } };
        return {
          status: 200,
          body: { results: results.map(inBranch), policyVersion, cursor: `${asOf}` },
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${POLICIES}/subjects/{type}/{id}`,
      summary: 'What somebody is and may do',
      description:
        'One’s own; anybody’s for administrators and services. `permissions` holds each action that a check would allow, ' +
        'on the platform and in the domains that the subject’s rows name; what is below a domain is as that is.',
      tag,
      access,
      params: z.object({ type: typeName, id: plainId }),
      responses: { 200: { description: 'Roles, places, permissions', schema: subjectAnswer } },
      async handle({ params }, caller) {
        const isOwn = isSame(params, ownSubject(caller));
        if (!isOwn && !isService(caller) && !(await isAdministrator(caller)))
          throw new Problem(requestErrors.not_found);
        return { status: 200, body: await describeSubject(params, branchOf(caller)) };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${POLICIES}/changes`,
      summary: 'Whose rights have changed since',
      description:
        'Without `after` the cursor of now. Otherwise waits up to `wait` seconds (30) for the first change. ' +
        '`subjectType` may be a role or a domain: whatever was kept of it or below it is old; `Platform` with `*` is ' +
        'everybody. Nothing is skipped, however long nobody asked.',
      tag,
      access: { service: READ },
      query: z.strictObject({
        after: z
          .string()
          .regex(/^\d{1,15}$/)
          .optional(),
        wait: z.coerce.number().int().min(0).max(30).default(30),
      }),
      responses: { 200: { description: 'The changes, the oldest first', schema: changesAnswer } },
      handle: async ({ query }) => ({ status: 200, body: await feed.read(query.after, query.wait * 1000) }),
    }),
  ];
}

const ownSubject = (caller: Caller | ServiceCaller): PolicySubject =>
  isService(caller) ? { type: 'Service', id: caller.serviceId } : { type: 'User', id: caller.userId };

const isSame = (one: PolicySubject, other: PolicySubject): boolean =>
  one.type === other.type && one.id === other.id;

/** A branch token is good in its branch alone (contract §1). */
function branchOf(caller: Caller | ServiceCaller): string | undefined {
  if (isService(caller)) return undefined;
  const { active_branch_id: branch } = caller.claims;
  return typeof branch === 'string' ? merchantDomain(branch) : undefined;
}
