import { z } from 'zod';
import { DONE, defineOperation } from './operation.js';
import { somebody, withPerson } from './somebody.js';

export const policiesCommand = defineOperation({
  usage: `ops policies <id|e-mail|phone|username>
    shows what a person is and may do, as the policies stand at this moment`,
  schema: z.object({ who: somebody }),
  positionals: ['who'],
  run: (tools, { who }) =>
    withPerson(tools, who, async ({ id, status }) => {
      const subject = { type: 'user', id } as const;
      await tools.record(tools.database, { action: 'user.read', subject, after: { policies: true } });
      const found = await tools.describeSubject({ type: 'User', id }, undefined);
      const { roles, organizers, merchants, permissions, policyVersion, truncated } = found;
      const lines = [
        `user ${id}  ${status}  policy version ${policyVersion}`,
        `  roles       ${roles.map(({ identifier }) => identifier).join(', ') || 'none'}`,
        `  organizers  ${organizers.join(', ') || 'none'}`,
        `  merchants   ${merchants.join(', ') || 'none'}`,
        `  may         ${permissions.length === 0 ? 'nothing' : ''}`.trimEnd(),
        ...permissions.map(({ domain, object, actions }) => `    ${domain}  ${object}  ${actions.join(' ')}`),
        ...(truncated ? ['  … and more: there is too much of it for one answer'] : []),
      ];
      tools.say(lines.join('\n'));
      return DONE;
    }),
});
