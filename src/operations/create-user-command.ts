import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { DONE, defineOperation, NOT_DONE } from './operation.js';

export const createUserCommand = defineOperation({
  usage: `ops create-user --email <address> [--name <display name>] [--password-stdin]
    makes a user whose address counts as proven, and prints a password that is shown once
    --password-stdin   takes the first line of stdin as password instead, and prints none`,
  schema: z.object({
    email: z.email().max(254),
    name: z.string().trim().min(1).max(100).default(''),
    'password-stdin': z.boolean().default(false),
  }),
  flags: ['password-stdin'],
  async run({ createUser, readLine, visitor, say }, given) {
    const { email, name: displayName, 'password-stdin': fromStdin } = given;
    const password = fromStdin ? await readLine() : randomBytes(18).toString('base64url');
    const made = await createUser({ email, displayName, password }, visitor);
    if (made === 'taken') {
      say(`Not done: somebody has ${email} already.`);
      return NOT_DONE;
    }
    say(`Made user ${made.userId} with the address ${email}.`);
    if (!fromStdin) say(`Password, shown this once: ${password}`);
    return DONE;
  },
});
