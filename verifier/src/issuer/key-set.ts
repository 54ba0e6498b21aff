import { IssuerUnavailable } from '../errors.js';
import { type Algorithm, readKeySet, type VerificationKey } from './read-key-set.js';
import type { FetchText } from './reporting-fetch.js';

const MAX_BYTES = 256 * 1024;
/** While no key is known at all, every request would be refused: so the issuer is asked again sooner. */
const EMPTY_COOLDOWN_MS = 1000;

/** The issuer's keys: the last good set serves until a newer one is there, however long that takes (T10). */
export interface KeySet {
  /** Asks nobody. */
  get(kid: string): VerificationKey | undefined;
  /**
   * Asks the issuer when the key is not known: at once, at most once per cooldown, all waiting for one answer.
   * @throws IssuerUnavailable when no set was ever had
   */
  find(kid: string): Promise<VerificationKey | undefined>;
  /** Asks the issuer now; keys that it no longer lists are gone. @throws Error and keeps what it has */
  refresh(): Promise<void>;
  kids(): string[];
}

/** @param options.clock milliseconds since 1970 */
export function createKeySet(options: {
  uri: string;
  fetch: FetchText;
  algorithms: readonly Algorithm[];
  cooldownS: number;
  timeoutMs: number;
  clock: () => number;
  onWarning: (what: string, error: unknown) => void;
}): KeySet {
  const { uri, timeoutMs, clock } = options;
  let keys = new Map<string, VerificationKey>();
  let flight: Promise<void> | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;

  async function load(): Promise<void> {
    const accept = 'application/json, application/jwk-set+json';
    const text = await options.fetch({ url: uri, accept, maxBytes: MAX_BYTES, timeoutMs });
    const listed = readKeySet(text, options.algorithms);
    // The same object for the same key: verified tokens are remembered by it.
    for (const [kid, held] of keys) {
      if (listed.get(kid)?.jwk === held.jwk) listed.set(kid, held);
    }
    keys = listed;
  }

  function refresh(): Promise<void> {
    flight ??= load().finally(() => {
      flight = undefined;
    });
    return flight;
  }

  function mayAsk(): boolean {
    const since = clock() - askedAt;
    const cooldown = keys.size === 0 ? EMPTY_COOLDOWN_MS : options.cooldownS * 1000;
    return since >= cooldown || since < 0; // a clock that was set back must not silence us
  }

  async function askForUnknown(): Promise<void> {
    if (!flight && !mayAsk()) return;
    if (!flight) askedAt = clock();
    await refresh().catch((error) => options.onWarning(`the keys at ${uri} could not be fetched`, error));
  }

  return {
    get: (kid) => keys.get(kid),
    async find(kid) {
      const known = keys.get(kid);
      if (known) return known;
      await askForUnknown();
      if (keys.size === 0) throw new IssuerUnavailable('keys');
      return keys.get(kid);
    },
    refresh,
    kids: () => [...keys.keys()],
  };
}
