import type { StatusList } from './fetch-status-list.js';
import { createHeldList, type HeldList, type Standing } from './held-list.js';

const MAX_LISTS = 100;

/** Where a token's status stands (draft-ietf-oauth-status-list §6). */
export interface StatusReference {
  uri: string;
  idx: number;
}

export interface StatusLists {
  standing(reference: StatusReference): Standing;
  /**
   * Asks for the list unless it is there and young enough.
   * @param neededUntil the token's end, milliseconds since 1970: lists that no living token points to are dropped
   */
  freshen(reference: StatusReference, neededUntil: number): Promise<void>;
  isRevokedKey(kid: string): boolean;
  /** Asks anew for every list that a living token points to. False when one could not be had. */
  refresh(): Promise<boolean>;
}

/**
 * The lists that living tokens point to, and the keys that they say are revoked.
 * @param options.fetchList fetches and verifies the list at a uri; the rest as for `createHeldList`
 */
export function createStatusLists(options: {
  fetchList: (uri: string) => Promise<StatusList>;
  maxStalenessS: number;
  patient: boolean;
  clock: () => number;
  onWarning: (what: string, error: unknown) => void;
}): StatusLists {
  const lists = new Map<string, { held: HeldList; neededUntil: number }>();
  // Never forgotten: a key that was revoked once is no key again, and their number is small.
  const revokedKids = new Set<string>();

  function open(uri: string) {
    const known = lists.get(uri);
    if (known) return known;
    const [oldest] = lists.keys();
    if (oldest !== undefined && lists.size >= MAX_LISTS) lists.delete(oldest);
    const held = createHeldList({
      ...options,
      async fetchList() {
        const list = await options.fetchList(uri);
        for (const kid of list.revokedKids) revokedKids.add(kid);
        return list;
      },
      onWarning: (error) => options.onWarning(`the status list ${uri} could not be fetched`, error),
    });
    const opened = { held, neededUntil: 0 };
    lists.set(uri, opened);
    return opened;
  }

  return {
    standing: ({ uri, idx }) => lists.get(uri)?.held.standing(idx) ?? 'unknown',
    async freshen({ uri, idx }, neededUntil) {
      const list = open(uri);
      list.neededUntil = Math.max(list.neededUntil, neededUntil);
      await list.held.freshen(idx);
    },
    isRevokedKey: (kid) => revokedKids.has(kid),
    async refresh() {
      for (const [uri, { neededUntil }] of lists) if (neededUntil < options.clock()) lists.delete(uri);
      const answers = await Promise.all([...lists.values()].map(({ held }) => held.refresh()));
      return answers.every((ok) => ok);
    },
  };
}
