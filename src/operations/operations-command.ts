import { Problem } from '../errors/problem.js';
import { afterRestoreCommand } from './after-restore-command.js';
import { createUserCommand } from './create-user-command.js';
import { endSessionsCommand } from './end-sessions-command.js';
import { importUsersCommand } from './import/import-users-command.js';
import { liftOtpCommand } from './lift-otp-command.js';
import { DONE, NOT_DONE, type Operation, USED_WRONGLY } from './operation.js';
import type { OperationTools } from './operation-tools.js';
import { policiesCommand } from './policies-command.js';
import { purgeCommand } from './purge-command.js';
import { replayCommand } from './replay-command.js';
import { userCommand } from './user-command.js';

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'create-user': createUserCommand,
  user: userCommand,
  policies: policiesCommand,
  'lift-otp': liftOtpCommand,
  replay: replayCommand,
  'end-sessions': endSessionsCommand,
  'import-users': importUsersCommand,
  purge: purgeCommand,
  'after-restore': afterRestoreCommand,
};

const USAGE = [
  ...Object.values(OPERATIONS).map(({ usage }) => usage),
  'with each:\n    --as <name>   who you are, for the audit trail, beside the name that the system knows',
].join('\n');

/** `npm run ops -- …`. @returns the exit code: 0 done, 1 not done, 2 used wrongly */
export async function operationsCommand(tools: OperationTools, args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args;
  if (name === '--help') {
    tools.say(USAGE);
    return DONE;
  }
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (!operation) {
    tools.say(USAGE);
    return USED_WRONGLY;
  }
  try {
    return await operation.run(tools, rest);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { reason } = (error.options.extensions ?? {}) as { reason?: string };
    tools.say(`Not done: ${error.message}${reason ? ` (${reason})` : ''}`);
    return NOT_DONE;
  }
}
