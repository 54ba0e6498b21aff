import { InvalidToken, IssuerUnavailable } from '../errors.js';
import { createKeySet } from '../issuer/key-set.js';
import type { FetchText } from '../issuer/reporting-fetch.js';
import { fetchStatusList, STATUS_LIST_ALGORITHMS } from './fetch-status-list.js';
import type { StatusListOptions } from './status-list-options.js';
import { createStatusLists, type StatusReference } from './status-lists.js';

/** The last part of a list's address; `keys` is the lists' key set. */
const LIST_NAME = /^(?!keys$)[\w-]{1,64}$/;

export interface StatusCheck {
  /** @throws InvalidToken when the claim is none of ours, or missing where it is required */
  read(claims: Readonly<Record<string, unknown>>): StatusReference | undefined;
  /** @throws InvalidToken, IssuerUnavailable. Waits for somebody only when it answers a promise */
  check(kid: string, reference: StatusReference | undefined, exp: number): Promise<void> | undefined;
  refreshKeys(): Promise<void>;
  refreshLists(): Promise<boolean>;
}

/** Revocation by Token Status List. @param source.clock milliseconds since 1970 */
export function createStatusCheck(
  options: StatusListOptions,
  source: {
    fetch: FetchText;
    cooldownS: number;
    timeoutMs: number;
    clock: () => number;
    onWarning: (what: string, error: unknown) => void;
  },
): StatusCheck {
  const { maxStalenessS = 60, onStale = 'accept', required = true } = options;
  const base = withoutSlash(options.base);
  const fetchBase = withoutSlash(options.fetchBase ?? base);
  const keys = createKeySet({ ...source, uri: `${fetchBase}/keys`, algorithms: STATUS_LIST_ALGORITHMS });
  const lists = createStatusLists({
    ...source,
    maxStalenessS,
    patient: onStale === 'refuse',
    fetchList: (uri) => fetchStatusList({ ...source, keys }, uri, `${fetchBase}${uri.slice(base.length)}`),
  });

  async function freshen(kid: string, reference: StatusReference, exp: number): Promise<void> {
    await lists.freshen(reference, exp * 1000);
    const standing = lists.standing(reference);
    if (standing === 'revoked') throw new InvalidToken('revoked');
    if (standing === 'beyond') throw new InvalidToken('status');
    if (lists.isRevokedKey(kid)) throw new InvalidToken('revoked_key');
    if (standing === 'unknown' && onStale === 'refuse') throw new IssuerUnavailable('status');
  }

  return {
    read({ status }) {
      if (status === undefined && !required) return undefined;
      const { uri, idx } = (status as { status_list?: Partial<StatusReference> } | null)?.status_list ?? {};
      const isOurs =
        typeof uri === 'string' && uri.startsWith(`${base}/`) && LIST_NAME.test(uri.slice(base.length + 1));
      if (!isOurs || !Number.isSafeInteger(idx)) throw new InvalidToken('status');
      return { uri, idx: idx as number };
    },
    check(kid, reference, exp) {
      if (lists.isRevokedKey(kid)) throw new InvalidToken('revoked_key');
      if (!reference || lists.standing(reference) === 'valid') return undefined;
      return freshen(kid, reference, exp);
    },
    refreshKeys: keys.refresh,
    refreshLists: lists.refresh,
  };
}

const withoutSlash = (address: string) => address.replace(/\/$/, '');
