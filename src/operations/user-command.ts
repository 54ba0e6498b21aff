import { z } from 'zod';
import { maskRecipient } from '../messaging/index.js';
import { maskPhone } from '../people/index.js';
import { DONE, defineOperation } from './operation.js';
import { somebody, withPerson } from './somebody.js';

export const userCommand = defineOperation({
  usage: `ops user <id|e-mail|phone|username> [--unmasked]
    shows a person: status, identifiers, roles, open sessions
    --unmasked   with e-mail address, phone number and addresses of sessions in full`,
  schema: z.object({ who: somebody, unmasked: z.boolean().default(false) }),
  positionals: ['who'],
  flags: ['unmasked'],
  run: (tools, { who, unmasked }) =>
    withPerson(tools, who, async (person) => {
      const subject = { type: 'user', id: person.id } as const;
      await tools.record(tools.database, { action: 'user.read', subject, after: { unmasked } });
      const { roles } = await tools.describeSubject({ type: 'User', id: person.id }, undefined);
      const sessions = await tools.listSessions(person.id);
      const email = person.email && (unmasked ? person.email : maskRecipient('mail', person.email));
      const phone = person.phone && (unmasked ? person.phone : maskPhone(person.phone));
      const proven = (is: boolean) => (is ? 'proven' : 'not proven');
      const lines = [
        `user ${person.id}  ${person.status}  ${person.displayName}`,
        `  Keycloak    ${person.keycloakId}`,
        `  e-mail      ${email ? `${email} (${proven(person.emailVerified)})` : 'none'}`,
        `  phone       ${phone ? `${phone} (${proven(person.phoneVerified)})` : 'none'}`,
        `  made        ${person.createdAt}`,
        `  last seen   ${person.lastLoginAt ?? 'never'}`,
        `  roles       ${roles.map(({ identifier }) => identifier).join(', ') || 'none'}`,
        `  sessions    ${sessions.length} open`,
        ...sessions.map(({ id, clientId, device, address, lastUsedAt }) =>
          [
            `    ${id}`,
            clientId,
            device.name ?? 'unknown device',
            ...(unmasked ? [address] : []),
            lastUsedAt,
          ].join('  '),
        ),
      ];
      tools.say(lines.join('\n'));
      return DONE;
    }),
});
