import type { StatusList } from './fetch-status-list.js';

/** Between two tries for a list that can't be had. */
const COOLDOWN_MS = 5000;

/**
 * `valid` and `revoked` are relied upon. `unknown`: no list, or one older than the bound that says nothing against
 * the token. `beyond`: the list is too short for the index.
 */
export type Standing = 'valid' | 'revoked' | 'unknown' | 'beyond';

export interface HeldList {
  /** Waits for nobody; a list that will soon be too old is asked for meanwhile. Revoked stays so, however old. */
  standing(idx: number): Standing;
  /** Asks when nothing relied upon is held for the index: once per cooldown, all waiting for one answer. */
  freshen(idx: number): Promise<void>;
  /** Asks now. False when that failed. */
  refresh(): Promise<boolean>;
}

/**
 * One status list, as new as it can be had.
 * @param options.fetchList fetches and verifies it
 * @param options.maxStalenessS how old an answer may be that is relied upon
 * @param options.patient whether requests wait again for a list that could not be had a moment ago
 * @param options.clock milliseconds since 1970
 */
export function createHeldList(options: {
  fetchList: () => Promise<StatusList>;
  maxStalenessS: number;
  patient: boolean;
  clock: () => number;
  onWarning: (error: unknown) => void;
}): HeldList {
  const { clock, maxStalenessS } = options;
  let list: StatusList | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  let failed = false;
  let flight: Promise<boolean> | undefined;

  /** A clock that was set back makes nothing younger. */
  const isYounger = (since: number, ms: number) => clock() >= since && clock() - since < ms;
  const isRelied = () =>
    isYounger(fetchedAt, maxStalenessS * 1000) && (list?.exp === undefined || clock() < list.exp * 1000);
  const isDue = () =>
    !isYounger(fetchedAt, Math.min(maxStalenessS / 2, list?.ttl ?? maxStalenessS) * 1000) || !isRelied();

  async function load(): Promise<boolean> {
    const startedAt = clock();
    askedAt = startedAt;
    try {
      const answer = await options.fetchList();
      // An older one, from a cache or a lagging replica, un-revokes nobody.
      if (list && answer.iat < list.iat) throw new Error('the answer is older than the one before');
      list = answer;
      fetchedAt = startedAt;
      failed = false;
    } catch (error) {
      failed = true;
      options.onWarning(error);
    }
    return !failed;
  }

  function refresh(): Promise<boolean> {
    flight ??= load().finally(() => {
      flight = undefined;
    });
    return flight;
  }

  const askUnlessJustAsked = () => (isYounger(askedAt, COOLDOWN_MS) ? flight : refresh());

  return {
    standing(idx) {
      if (!list) return 'unknown';
      const status = list.statusAt(idx);
      if (status === undefined) return 'beyond';
      if (status !== 0) return 'revoked';
      if (isDue()) void askUnlessJustAsked();
      return isRelied() ? 'valid' : 'unknown';
    },
    async freshen(idx) {
      if (isRelied() && list?.statusAt(idx) !== undefined) return;
      const answer = askUnlessJustAsked();
      if (options.patient || !failed) await answer;
    },
    refresh,
  };
}
