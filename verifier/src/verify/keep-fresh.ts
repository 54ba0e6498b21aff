import type { KeySet } from '../issuer/key-set.js';
import { repeat } from '../issuer/repeat.js';
import type { StatusCheck } from '../status/status-check.js';
import type { Settings } from './options.js';

const DEFAULT_STALENESS_S = 60;

/** What was asked of the issuer at the start and is asked again in the background (T10). */
export interface Freshness {
  /** How asking for keys went at the start. */
  ready: Promise<boolean>;
  /** Asks for everything now. False when something could not be had. */
  refresh(): Promise<boolean>;
  stop(): void;
}

/** Keeps keys and status lists fresh, off the request path; the keys every `refreshS`, lists twice within their bound. */
export function keepFresh(keys: KeySet, status: StatusCheck | undefined, settings: Settings): Freshness {
  const { refreshS, statusList, onWarning } = settings;
  const attempt = (what: string, ask: () => Promise<void>) =>
    ask().then(
      () => true,
      (error) => {
        onWarning(`${what} could not be fetched`, error);
        return false;
      },
    );

  async function refreshKeys(): Promise<boolean> {
    const ok = await attempt('the keys', keys.refresh);
    // Afterwards: this question tells the issuer, in idle times too, which keys are loaded now.
    return (!status || (await attempt("the status lists' keys", status.refreshKeys))) && ok;
  }

  const refreshLists = async () => status?.refreshLists() ?? true;
  const listsEveryS = Math.max(1, (statusList?.maxStalenessS ?? DEFAULT_STALENESS_S) / 2);
  const ofKeys = repeat({ everyS: refreshS, task: refreshKeys });
  const ofLists = repeat({ everyS: refreshS === false ? false : listsEveryS, task: refreshLists });
  return {
    ready: ofKeys.first,
    refresh: async () => [await refreshKeys(), await refreshLists()].every((ok) => ok),
    stop() {
      ofKeys.stop();
      ofLists.stop();
    },
  };
}
