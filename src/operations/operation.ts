import { parseArgs } from 'node:util';
import type { z } from 'zod';
import type { OperationTools } from './operation-tools.js';

/** Exit codes. `NOT_DONE`: refused, or there was nothing to do it to. */
export const DONE = 0;
export const NOT_DONE = 1;
export const USED_WRONGLY = 2;

export interface Operation {
  /** How it is called, then a line or more of what it does. */
  usage: string;
  /** @returns the exit code */
  run(tools: OperationTools, args: readonly string[]): Promise<number>;
}

/**
 * One command of the operator's. What isn't named in `positionals` or `flags` is an option with a value; `schema` says
 * what each may be, and nothing is done before all of them fit.
 */
export function defineOperation<Given extends z.ZodObject>(operation: {
  usage: string;
  schema: Given;
  positionals?: readonly (keyof Given['shape'] & string)[];
  flags?: readonly (keyof Given['shape'] & string)[];
  run(tools: OperationTools, given: z.output<Given>): Promise<number>;
}): Operation {
  const { usage, schema, positionals = [], flags = [] } = operation;
  const named = Object.keys(schema.shape).filter((name) => !positionals.includes(name));
  const options = Object.fromEntries(
    named.map((name) => [name, { type: flags.includes(name) ? 'boolean' : 'string' } as const]),
  );

  function parse(args: readonly string[]): z.output<Given> | string {
    try {
      const found = parseArgs({ args: [...args], options, allowPositionals: true });
      if (found.positionals.length > positionals.length) return `${found.positionals.at(-1)}: not expected`;
      const listed = Object.fromEntries(found.positionals.map((value, at) => [positionals[at], value]));
      const checked = schema.safeParse({ ...found.values, ...listed });
      if (checked.success) return checked.data;
      return checked.error.issues.map(({ path, message }) => `${label(path)}: ${message}`).join('\n');
    } catch (error) {
      return (error as Error).message; // an option that there is not
    }
  }

  const label = ([name = '']: PropertyKey[]) =>
    named.includes(String(name)) ? `--${String(name)}` : `<${String(name)}>`;

  return {
    usage,
    async run(tools, args) {
      if (args.includes('--help')) {
        tools.say(usage);
        return DONE;
      }
      const given = parse(args);
      if (typeof given !== 'string') return operation.run(tools, given);
      tools.say(`${given}\n${usage}`);
      return USED_WRONGLY;
    },
  };
}
