import { createKeyTools } from './administration/keys/key-tools.js';
import { keysCommand } from './administration/keys/keys-command.js';
import { loadKeysConfig } from './config/migration-config.js';
import { createDatabase } from './database/database.js';
import { createLogger } from './telemetry/logger.js';
import { createKeyFolder } from './tokens/index.js';

/**
 * `RUN_MODE=keys`, which `npm run keys` sets: the operator's command for the keys that sign access tokens (T5, T12).
 * @returns the exit code
 */
export async function runKeys(
  args: readonly string[],
  options: { environment?: NodeJS.ProcessEnv; say?: (text: string) => void } = {},
): Promise<number> {
  const { databaseUrl, keysDir, keys } = loadKeysConfig(options.environment);
  const logger = createLogger({ level: 'silent' }); // stdout is for the answer
  const database = createDatabase({ url: databaseUrl, poolSize: 1, logger });
  const tools = createKeyTools({
    database,
    folder: createKeyFolder({ dir: keysDir, alg: keys.alg, logger }),
    alg: keys.alg,
    times: keys,
    monotonicNow: () => performance.now(),
    say: options.say ?? ((text) => void process.stdout.write(`${text}\n`)),
  });
  return keysCommand(tools, args).finally(database.close);
}
