import type { Database } from '../../database/database.js';
import { endEverySession } from '../../sessions/index.js';
import {
  createAwaitActivation,
  createRotateKey,
  type KeyFolder,
  type KeyTimes,
  lockKeys,
  makeKeyText,
  readConsumers,
  readLiveReplicas,
  readSigningKeys,
  retireKey,
  revokeKey,
  type SigningAlgorithm,
} from '../../tokens/index.js';

export type KeyTools = ReturnType<typeof createKeyTools>;

/**
 * What the operator's command works with.
 * @param say prints a line on stdout
 */
export function createKeyTools(options: {
  database: Database;
  folder: KeyFolder;
  alg: SigningAlgorithm;
  times: KeyTimes;
  monotonicNow: () => number;
  say: (text: string) => void;
}) {
  const { database, folder, alg, times, monotonicNow, say } = options;
  const locked = <T>(change: (sql: Parameters<typeof revokeKey>[0]) => Promise<T>) =>
    database.transaction(async (sql) => {
      await lockKeys(sql);
      return change(sql);
    });
  return {
    readKeys: () => readSigningKeys(database),
    readReplicas: () => readLiveReplicas(database),
    readConsumers: () => readConsumers(database),
    /** Names of registered services that have not said within a day which keys they hold. */
    async readUnheard(): Promise<string[]> {
      const heard = new Set((await readConsumers(database)).map(({ service }) => service));
      const services = await database.query<{ name: string }>(
        `SELECT name FROM identity."Service" WHERE status = 'ACTIVE' ORDER BY name`,
      );
      return services.map(({ name }) => name).filter((name) => !heard.has(name));
    },
    makeKeyText: () => makeKeyText(alg),
    rotateKey: createRotateKey({ database, folder }),
    awaitActivation: createAwaitActivation({ database, times, monotonicNow }),
    retire: (kid: string) => locked((sql) => retireKey(sql, kid)),
    revoke: (kid: string) => locked((sql) => revokeKey(sql, kid)),
    endEverySession: (openedBefore: Date) =>
      endEverySession(database, openedBefore, { by: 'keys', reason: 'key_retired' }),
    leadS: times.leadS,
    say,
  };
}
