import { z } from 'zod';
import type { IssuedTokens, Reach } from '../../sessions/index.js';

export const roleSchema = z.object({ id: z.string(), identifier: z.string(), priority: z.int() });

/** Who somebody is, and where they may go from here (contract §4). */
export const accountAnswerSchema = z.object({
  accountAccessToken: z.string().describe('Selects a branch, and is good for nothing else'),
  refreshToken: z.string(),
  expiresIn: z.int().describe('Seconds that the account token lives'),
  branches: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      workspaceId: z.string(),
      workspaceName: z.string(),
      tenantId: z.string(),
      memberId: z.string(),
      roles: z.array(roleSchema),
    }),
  ),
  nextAction: z.object({ type: z.enum(['select_branch', 'no_branch']) }),
});

export function accountAnswer(
  { branches }: Extract<Reach, { kind: 'account' }>,
  tokens: IssuedTokens,
): z.infer<typeof accountAnswerSchema> {
  const { accessToken: accountAccessToken, refreshToken, expiresIn } = tokens;
  const type = branches.length > 0 ? 'select_branch' : 'no_branch';
  return { accountAccessToken, refreshToken, expiresIn, branches, nextAction: { type } };
}
