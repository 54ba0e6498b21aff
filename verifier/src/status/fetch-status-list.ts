import { errors as joseErrors, jwtVerify } from 'jose';
import type { KeySet } from '../issuer/key-set.js';
import type { FetchText } from '../issuer/reporting-fetch.js';
import { readStatusBits, type StatusAt } from './status-bits.js';

const MAX_BYTES = 2 * 1024 * 1024;
const MAX_REVOKED_KIDS = 1000;
export const STATUS_LIST_ALGORITHMS = ['ES256', 'EdDSA'] as const;

/** A list as its issuer signed it. Times in seconds since 1970, `ttl` in seconds. */
export interface StatusList {
  statusAt: StatusAt;
  iat: number;
  exp: number | undefined;
  ttl: number | undefined;
  /** Keys that sign nothing any more, whatever `/jw-certs` said when it was last asked (T12). */
  revokedKids: string[];
}

/** What it takes to ask for a list. */
export interface StatusListSource {
  keys: KeySet;
  fetch: FetchText;
  timeoutMs: number;
  clock: () => number;
}

/**
 * Fetches a list and verifies it: signed by the lists' own key set, `typ` `statuslist+jwt`, `sub` its own address,
 * not past its end (draft-ietf-oauth-status-list §8.3).
 * @param uri as tokens name it @param url where to fetch it @throws Error
 */
export async function fetchStatusList(
  source: StatusListSource,
  uri: string,
  url: string,
): Promise<StatusList> {
  const { payload } = await jwtVerify(
    await source.fetch({
      url,
      accept: 'application/statuslist+jwt',
      maxBytes: MAX_BYTES,
      timeoutMs: source.timeoutMs,
    }),
    async ({ kid = '' }) => {
      const key = await source.keys.find(kid);
      if (!key) throw new joseErrors.JWKSNoMatchingKey();
      return key.key;
    },
    {
      algorithms: [...STATUS_LIST_ALGORITHMS],
      typ: 'statuslist+jwt',
      subject: uri,
      requiredClaims: ['iat'],
      currentDate: new Date(source.clock()),
    },
  );
  const { ttl, revoked_kids: kids = [], iat = 0, exp } = payload;
  if (!Array.isArray(kids) || kids.length > MAX_REVOKED_KIDS) throw new Error('revoked_kids is no list');
  if (ttl !== undefined && !(typeof ttl === 'number' && ttl > 0))
    throw new Error('ttl is no positive number');
  const revokedKids = kids.filter((kid) => typeof kid === 'string');
  return { statusAt: readStatusBits(payload.status_list), iat, exp, ttl, revokedKids };
}
