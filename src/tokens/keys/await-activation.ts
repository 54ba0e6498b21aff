import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../database/database.js';
import { activateNext, notePublished } from './change-keys.js';
import { type KeyConsumer, readConsumers } from './key-consumers.js';
import { laggardsOf, type Replica } from './replicas.js';
import { type KeyTimes, lockKeys, readSigningKeys } from './signing-key.js';

const LOOK_EVERY_MS = 500;

/** Who is waited for. */
export interface Laggards {
  replicas: Replica[];
  consumers: KeyConsumer[];
}

export type AwaitActivation = (
  kid: string,
  options: {
    /** Milliseconds. */
    atMost: number;
    /** Then lets it sign though replicas lack it: they sign no more until they have loaded it (T12). */
    thenAnyway?: boolean;
    /** Called when somebody else is waited for than before. */
    onWaiting: (laggards: Laggards) => void;
  },
) => Promise<boolean>;

/**
 * Waits until a next key signs, and lets it sign itself if it is due, so that nobody depends on a server that lives.
 * @returns whether it signs
 */
export function createAwaitActivation(options: {
  database: Database;
  times: KeyTimes;
  monotonicNow: () => number;
}): AwaitActivation {
  const { database, times, monotonicNow } = options;

  const look = (kid: string, despiteLaggards = false) =>
    database.transaction(async (sql) => {
      await lockKeys(sql);
      await notePublished(sql);
      await activateNext(sql, times, { despiteLaggards });
      const key = (await readSigningKeys(sql)).find((each) => each.kid === kid);
      const consumers = (await readConsumers(sql)).filter(({ kids }) => !kids.includes(kid));
      return { state: key?.state, laggards: { replicas: await laggardsOf(sql, kid), consumers } };
    });

  return async (kid, { atMost, onWaiting, thenAnyway }) => {
    const until = monotonicNow() + atMost;
    for (let said = ''; ; await sleep(LOOK_EVERY_MS)) {
      const { state, laggards } = await look(kid);
      if (state !== 'next') return state === 'current';
      const names = JSON.stringify([laggards.replicas.map(({ id }) => id), laggards.consumers]);
      if (names !== said) onWaiting(laggards);
      said = names;
      if (monotonicNow() >= until) return thenAnyway === true && (await look(kid, true)).state === 'current';
    }
  };
}
