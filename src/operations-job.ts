import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { composeOperations } from './compose-operations.js';
import { loadConfig } from './config/config.js';
import { createInfrastructure } from './infrastructure.js';
import { operationsCommand } from './operations/index.js';
import { createLogger } from './telemetry/logger.js';
import { readKeyFiles } from './tokens/index.js';

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
  const { lease, createUser } = composeOperations(infrastructure, readKeyFiles(config.tokens.keysDir));
  await lease.start();
  try {
    return await operationsCommand(
      {
        createUser,
        readLine: () => readLine(options.stdin ?? process.stdin),
        visitor: { address: hostname(), agent: `ops by ${whoRuns()}`, requestId: randomUUID() },
        say: options.say ?? ((text) => void process.stdout.write(`${text}\n`)),
      },
      args,
    );
  } finally {
    await lease.release();
    await infrastructure.close();
  }
}

/** In a container the user may have a number alone, of which \`userInfo\` can make nothing. */
function whoRuns(): string {
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
