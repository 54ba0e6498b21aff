import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { composeOperations } from './compose-operations.js';
import { loadConfig } from './config/config.js';
import { createInfrastructure } from './infrastructure.js';
import { operationsCommand } from './operations/index.js';
import { whenReady } from './redis/when-ready.js';
import { createLogger } from './telemetry/logger.js';
import { readKeyFiles } from './tokens/index.js';

const REDIS_MS = 2000;

/**
 * `RUN_MODE=ops`, which `npm run ops` sets: the operator's commands, with the service's own configuration and rights.
 * @returns the exit code
 */
export async function runOperations(
  args: readonly string[],
  options: {
    environment?: NodeJS.ProcessEnv;
    stdin?: NodeJS.ReadableStream;
    say?: (text: string) => void;
  } = {},
): Promise<number> {
  const config = loadConfig(options.environment);
  // Stdout is for the answer.
  const infrastructure = createInfrastructure(config, createLogger({ level: 'silent' }));
  const { operator, rest } = whoRuns(args);
  const { lease, tools } = composeOperations(infrastructure, readKeyFiles(config.tokens.keysDir), {
    name: operator,
    visitor: { address: hostname(), agent: `ops by ${operator}`, requestId: randomUUID() },
  });
  await Promise.all([lease.start(), whenReady(infrastructure.redis, REDIS_MS)]);
  try {
    return await operationsCommand(
      {
        ...tools,
        readLine: () => readLine(options.stdin ?? process.stdin),
        readLines: (file) => readLines(file, options.stdin ?? process.stdin),
        say: options.say ?? ((text) => void process.stdout.write(`${text}\n`)),
      },
      rest,
    );
  } finally {
    await lease.release();
    await infrastructure.close();
  }
}

const LONGEST_NAME = 100;

/** `--as` only adds to what the system knows, so that nobody passes for somebody else. */
function whoRuns(args: readonly string[]): { operator: string; rest: string[] } {
  const at = args.indexOf('--as');
  const said = at < 0 ? undefined : args[at + 1];
  if (said === undefined) return { operator: systemUser(), rest: [...args] };
  const operator = `${said.slice(0, LONGEST_NAME)} (${systemUser()})`;
  return { operator, rest: args.filter((_, index) => index !== at && index !== at + 1) };
}

/** In a container the user may have a number alone, of which `userInfo` can make nothing. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}

async function readLine(input: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input })) return line;
  return '';
}

async function readLines(
  file: string,
  stdin: NodeJS.ReadableStream,
): Promise<AsyncIterable<string> | undefined> {
  if (file === '-') return linesOf(stdin);
  const handle = await open(file).catch(() => undefined);
  return handle?.readLines();
}

/** Begins to read when somebody asks for the first line: what came before that would be lost. */
async function* linesOf(input: NodeJS.ReadableStream): AsyncGenerator<string> {
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}
