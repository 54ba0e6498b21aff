import { hostname } from 'node:os';
import type { Chore } from './chore.js';
import type { Infrastructure } from './infrastructure.js';
import {
  createKeepKeys,
  createKeyFolder,
  createKeyRing,
  createNoteConsumer,
  createTendKeys,
  type KeyMaterial,
  keyRoutes,
  toHeldKey,
} from './tokens/index.js';

export type Keys = Awaited<ReturnType<typeof composeKeys>>;

/** Wires the keys that sign access tokens, and how they turn (T5). */
export async function composeKeys(
  { config, database, logger }: Infrastructure,
  { accessTokens }: Pick<KeyMaterial, 'accessTokens'>,
  replicaId: string,
) {
  const monotonicNow = () => performance.now();
  const folder = createKeyFolder({ dir: config.tokens.keysDir, alg: config.keys.alg, logger });
  const ring = createKeyRing({
    database,
    folder,
    first: await Promise.all(accessTokens.map(toHeldKey)),
    replica: { id: replicaId, name: `${hostname()} (process ${process.pid})` },
    monotonicNow,
    logger,
  });
  const { tend, concerns } = createTendKeys({ database, folder, times: config.keys, logger });
  const keep: Chore = {
    every: 1000,
    work: createKeepKeys({ ring, tend, monotonicNow }),
    complaint: 'the signing keys could not be looked at',
  };
  return {
    ring,
    concerns,
    keep,
    routes: keyRoutes(database),
    noteConsumer: createNoteConsumer({ database, monotonicNow, logger }),
  };
}
