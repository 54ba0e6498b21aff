import { parseArgs } from 'node:util';
import { Problem } from '../../errors/problem.js';
import { requestErrors } from '../../errors/request-errors.js';
import { FolderReadOnly, NoKeyYet } from '../../tokens/index.js';
import { describeHolders, describeKeys } from './describe-keys.js';
import type { KeyTools } from './key-tools.js';
import { retireNow, retireOver } from './retire-command.js';
import { rotate } from './rotate-command.js';

const USAGE = `keys list                      every key and its state
keys status                    also: who has loaded which, and whom a rotation waits for
keys rotate                    publish a new key, which signs after the lead time
     --wait                    ... once every consumer that is known has loaded it; stays until then
     --force                   ... as soon as every replica has loaded it
keys retire <kid>              take a key out of the set that signs no more, or never did
     --now                     it has leaked: at once, with every session; the current one is replaced first
options: --timeout <seconds>   how long to wait for others (rotate --force and retire --now: 60)
         --print-secret        rotate: make no file, print a patch for a Kubernetes Secret with the new key in it`;

const OPTIONS = {
  wait: { type: 'boolean' },
  force: { type: 'boolean' },
  now: { type: 'boolean' },
  timeout: { type: 'string' },
  'print-secret': { type: 'boolean' },
} as const;

/** One in 64 begins with a hyphen, and is no option for that. */
const KID = /^[A-Za-z0-9_-]{43}$/;

const USED_WRONGLY = 2;

/** `npm run keys -- …`. @returns the exit code: 0 done, 1 not (yet), 2 used wrongly */
export async function keysCommand(tools: KeyTools, args: readonly string[]): Promise<number> {
  const parsed = parse(args);
  if (!parsed) {
    tools.say(USAGE);
    return USED_WRONGLY;
  }
  const { verb, kid, flags } = parsed;
  try {
    if (verb === 'list') return await list(tools);
    if (verb === 'status') return await status(tools);
    if (verb === 'rotate') return await rotate(tools, flags);
    return await (flags.now ? retireNow : retireOver)(tools, kid, flags);
  } catch (error) {
    if (error instanceof FolderReadOnly)
      tools.say(`The directory of keys can't be written here.\n${READ_ONLY}`);
    else if (error instanceof NoKeyYet) tools.say('There is no key yet: start the service first.');
    else if (error instanceof Problem && error.kind === requestErrors.unavailable)
      tools.say(
        'PostgreSQL can not be reached, or does not answer in time. Run this again: it goes on where it was.',
      );
    else throw error;
    return 1;
  }
}

const READ_ONLY = `Make the key with "keys rotate --print-secret" and apply what it prints, such as
  … rotate --print-secret | kubectl patch secret NAME --type=merge --patch-file=/dev/stdin
Servers take the new file up within seconds of its appearance; then run this again.`;

export interface KeyFlags {
  wait: boolean;
  force: boolean;
  now: boolean;
  printSecret: boolean;
  /** Milliseconds; undefined: not said. */
  timeoutMs: number | undefined;
}

function parse(args: readonly string[]): { verb: string; kid: string; flags: KeyFlags } | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: args.filter((arg) => !KID.test(arg)),
      options: OPTIONS,
      allowPositionals: true,
    });
    const [verb = '', kid = '', ...rest] = [...positionals, ...args.filter((arg) => KID.test(arg))];
    const needsKid = verb === 'retire';
    const timeout = values.timeout === undefined ? undefined : Number(values.timeout) * 1000;
    if (!['list', 'status', 'rotate', 'retire'].includes(verb) || rest.length > 0) return undefined;
    if (needsKid !== (kid !== '') || Number.isNaN(timeout) || (values.wait && values.force)) return undefined;
    const { wait = false, force = false, now = false } = values;
    const flags = { wait, force, now, printSecret: values['print-secret'] ?? false, timeoutMs: timeout };
    return { verb, kid, flags };
  } catch {
    return undefined; // an option that there is not
  }
}

async function list({ readKeys, say }: KeyTools): Promise<number> {
  say(describeKeys(await readKeys()));
  return 0;
}

async function status({
  readKeys,
  readReplicas,
  readConsumers,
  readUnheard,
  say,
}: KeyTools): Promise<number> {
  const keys = await readKeys();
  say(describeKeys(keys));
  say('');
  say(describeHolders(keys, await readReplicas(), await readConsumers()));
  const unheard = await readUnheard();
  if (unheard.length > 0) say(`\nNever said which keys they hold, within a day: ${unheard.join(', ')}`);
  return 0;
}
