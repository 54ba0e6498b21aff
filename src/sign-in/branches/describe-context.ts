import { z } from 'zod';
import type { Database } from '../../database/database.js';
import { Problem } from '../../errors/problem.js';
import type { Caller } from '../../http/route.js';
import type { Person } from '../../people/index.js';
import { findBranch, findPermissions } from '../../policies/index.js';
import { sessionErrors } from '../../sessions/index.js';
import { roleSchema } from './account-answer.js';
import { branchErrors } from './errors.js';

/** Where a branch token is good, and what its holder may do there, at this moment. */
export const contextSchema = z.object({
  workspace: z.object({ id: z.string(), name: z.string(), tenantId: z.string() }),
  branch: z.object({ id: z.string(), name: z.string() }),
  member: z.object({ id: z.string(), accountId: z.string(), displayName: z.string() }),
  roles: z.array(roleSchema),
  permissions: z
    .array(z.object({ object: z.string(), action: z.string() }))
    .describe('What the member may do: single actions, `manage` and `write` taken apart'),
});

export type DescribeContext = (caller: Caller) => Promise<z.infer<typeof contextSchema>>;

/**
 * Describes the branch that the token names; its session may stand in another one by now.
 * @throws Problem `branch.not_selectable` (403) when the branch was closed or lost since the token was made
 */
export function createDescribeContext(options: {
  database: Database;
  findPerson(sessionId: string, userId: string): Promise<Person | undefined>;
}): DescribeContext {
  const { database, findPerson } = options;
  return async ({ userId, sessionId, claims }) => {
    const branch = await findBranch(database, userId, String(claims.active_branch_id));
    if (!branch) throw new Problem(branchErrors.not_selectable);
    const person = await findPerson(sessionId, userId);
    if (!person) throw new Problem(sessionErrors.ended);
    return {
      workspace: { id: branch.workspaceId, name: branch.workspaceName, tenantId: branch.tenantId },
      branch: { id: branch.id, name: branch.name },
      member: { id: branch.memberId, accountId: userId, displayName: person.displayName },
      roles: branch.roles,
      permissions: await findPermissions(database, userId, branch),
    };
  };
}
