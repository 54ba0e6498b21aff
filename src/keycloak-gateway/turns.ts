import { E_TIMEOUT, Mutex, type MutexInterface, withTimeout } from 'async-mutex';
import { keycloakUnavailable } from './errors.js';

export interface Turns {
  /**
   * Waits for the turn of `key` and answers what ends it.
   * @throws Problem `keycloak.unavailable` (503) when the turn does not come in time
   */
  take(key: string): Promise<() => void>;
}

/** One at a time for each key, in the order of arrival; keys that nobody waits for cost nothing. */
export function createTurns(longestWaitMs: number): Turns {
  const mutexes = new Map<string, { mutex: MutexInterface; holders: number }>();
  return {
    async take(key) {
      const entry = mutexes.get(key) ?? {
        mutex: withTimeout(new Mutex(), longestWaitMs, E_TIMEOUT),
        holders: 0,
      };
      mutexes.set(key, entry);
      entry.holders += 1;
      const leave = () => {
        entry.holders -= 1;
        if (entry.holders === 0) mutexes.delete(key);
      };
      const release = await entry.mutex.acquire().catch((error: unknown) => {
        leave();
        throw keycloakUnavailable(error);
      });
      return () => {
        release();
        leave();
      };
    },
  };
}
