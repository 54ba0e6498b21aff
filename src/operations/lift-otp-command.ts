import { z } from 'zod';
import { OTP_NAMESPACES } from '../otp/index.js';
import { normalizeIdentifier } from '../people/index.js';
import { identifierByShape } from '../sign-in/index.js';
import { DONE, defineOperation, NOT_DONE } from './operation.js';

const identifier = z
  .string()
  .max(320)
  .refine((text) => !/[{}]/.test(text), { error: 'has no braces' })
  .transform((text) => normalizeIdentifier(identifierByShape(text)))
  .refine(({ scheme }) => scheme !== 'username', { error: 'must be an e-mail address or a phone number' });

export const liftOtpCommand = defineOperation({
  usage: `ops lift-otp <${OTP_NAMESPACES.join('|')}> <e-mail|phone>
    lifts the lock that wrong codes have set, for everybody and for known devices; quotas of a day stay`,
  schema: z.object({ namespace: z.enum(OTP_NAMESPACES), identifier }),
  positionals: ['namespace', 'identifier'],
  async run({ database, liftLock, findPerson, record, say }, { namespace, identifier }) {
    const { scheme, value } = identifier;
    const holder = await findPerson(value);
    const lifted = await database.transaction(async (sql) => {
      if (!(await liftLock({ namespace, identifier: value }))) return false;
      // Whose it is, where that is known: nobody's address is written down in clear.
      const subject = holder
        ? ({ type: 'user', id: holder.id } as const)
        : ({ type: 'otp_lock', id: namespace } as const);
      await record(sql, { action: 'otp.lock_lifted', subject, after: { namespace, scheme } });
      return true;
    });
    say(lifted ? 'Lifted: codes are taken again.' : 'Not done: there is no such lock.');
    return lifted ? DONE : NOT_DONE;
  },
});
