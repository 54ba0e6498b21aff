import { z } from 'zod';
import { DONE, defineOperation } from './operation.js';
import { OPERATOR } from './operation-tools.js';
import { somebody, withPerson } from './somebody.js';

export const endSessionsCommand = defineOperation({
  usage: `ops end-sessions <id|e-mail|phone|username>
    ends every session of a person, those that only Keycloak knows included`,
  schema: z.object({ who: somebody }),
  positionals: ['who'],
  run: ({ database, listSessions, endSessions, record, visitor, say, ...tools }, { who }) =>
    withPerson({ ...tools, say }, who, async ({ id }) => {
      const open = (await listSessions(id)).length;
      // First, so that the trail has it even if this process is gone in between.
      await record(database, {
        action: 'user.sessions_ended',
        subject: { type: 'user', id },
        after: { open },
      });
      await endSessions.endAll(id, 'ended_by_admin', { actor: OPERATOR, visitor });
      say(`Ended every session of user ${id}: ${open} open here, and whatever Keycloak has.`);
      return DONE;
    }),
});
