import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { Problem } from '../errors/problem.js';
import type { Visitor } from '../http/route.js';
import type { CreateUser } from './create-user.js';

const USAGE = `ops create-user --email <address> [--name <display name>] [--password-stdin]
    makes a user whose address counts as proven, and prints a password that is shown once
    --password-stdin   takes the first line of stdin as password instead, and prints none`;

const USED_WRONGLY = 2;

export interface OperationTools {
  createUser: CreateUser;
  /** The first line of stdin. */
  readLine(): Promise<string>;
  /** Who runs the command, as the audit trail will say. */
  visitor: Visitor;
  /** Prints a line on stdout. */
  say(text: string): void;
}

const createUserArguments = z.object({
  email: z.email().max(254),
  name: z.string().trim().min(1).max(100).optional(),
  'password-stdin': z.boolean().default(false),
});

/** `npm run ops -- …`. @returns the exit code: 0 done, 1 not done, 2 used wrongly */
export async function operationsCommand(tools: OperationTools, args: readonly string[]): Promise<number> {
  const parsed = parse(args);
  if (typeof parsed === 'string') {
    tools.say(`${parsed}\n${USAGE}`.trim());
    return USED_WRONGLY;
  }
  try {
    return await createUser(tools, parsed);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { reason } = (error.options.extensions ?? {}) as { reason?: string };
    tools.say(`Not done: ${error.message}${reason ? ` (${reason})` : ''}`);
    return 1;
  }
}

/** What was given, or what is wrong with it. */
function parse(args: readonly string[]): z.output<typeof createUserArguments> | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        email: { type: 'string' },
        name: { type: 'string' },
        'password-stdin': { type: 'boolean' },
      },
      allowPositionals: true,
    });
    if (positionals.length !== 1 || positionals[0] !== 'create-user') return '';
    const { data, error } = createUserArguments.safeParse(values);
    return data ?? error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n');
  } catch (error) {
    return (error as Error).message; // an option that there is not
  }
}

async function createUser(
  { createUser, readLine, visitor, say }: OperationTools,
  given: z.output<typeof createUserArguments>,
): Promise<number> {
  const { email, name: displayName = '', 'password-stdin': fromStdin } = given;
  const password = fromStdin ? await readLine() : randomBytes(18).toString('base64url');
  const made = await createUser({ email, displayName, password }, visitor);
  if (made === 'taken') {
    say(`Not done: somebody has ${email} already.`);
    return 1;
  }
  say(`Made user ${made.userId} with the address ${email}.`);
  if (!fromStdin) say(`Password, shown this once: ${password}`);
  return 0;
}
