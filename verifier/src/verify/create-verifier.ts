import type { AccessClaims } from '../claims.js';
import { InvalidToken } from '../errors.js';
import { fetchText } from '../issuer/fetch-text.js';
import { createKeySet } from '../issuer/key-set.js';
import type { VerificationKey } from '../issuer/read-key-set.js';
import { createReportingFetch } from '../issuer/reporting-fetch.js';
import { createSystemTokens } from '../issuer/system-token.js';
import { createStatusCheck } from '../status/status-check.js';
import type { StatusReference } from '../status/status-lists.js';
import { checkTimes } from './check-times.js';
import { keepFresh } from './keep-fresh.js';
import { readOptions, type VerifierOptions } from './options.js';
import { readClaims } from './read-claims.js';
import { createHeaderReader } from './read-header.js';
import { isSignedBy } from './signature.js';
import { createTokenCache } from './token-cache.js';

/** Longer than any token of the issuer: looked at before a byte of it is parsed. */
const MAX_LENGTH = 8192;

export interface Verifier {
  /**
   * The claims of an access token that is good now.
   * @throws InvalidToken (401), or IssuerUnavailable (503) when no key was ever had, or no status under `refuse`
   */
  verify(token: string): Promise<AccessClaims>;
  /** Whether the keys could be had at the start. A sister may start without: the first token asks again. */
  readonly ready: Promise<boolean>;
  /** Asks for keys and status lists now. False when one could not be had; what was had before stays in use. */
  refresh(): Promise<boolean>;
  /** The kids of the keys that are loaded. */
  kids(): string[];
  /** Stops what runs in the background. */
  close(): void;
}

/** What of a token never changes, so that it need not be checked twice. */
interface CheckedToken {
  claims: AccessClaims;
  key: VerificationKey;
  status: StatusReference | undefined;
}

/** @throws TypeError for options that are not usable */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = readOptions(options);
  const { clock, statusList } = settings;
  const keys = createKeySet({ ...settings, uri: settings.jwksUri, fetch: fetchText });
  const systemTokens = settings.service && createSystemTokens({ ...settings, service: settings.service });
  const fetch = createReportingFetch({ systemTokens, loadedKids: keys.kids });
  const status = statusList && createStatusCheck(statusList, { ...settings, fetch });
  const readHeader = createHeaderReader(settings);
  const remembered = createTokenCache<CheckedToken>(settings.cacheSize);

  function checkAnew(token: string, alg: string, key: VerificationKey | undefined): CheckedToken {
    if (!key) throw new InvalidToken('unknown_key');
    if (key.alg !== alg) throw new InvalidToken('algorithm');
    if (!isSignedBy(token, key)) throw new InvalidToken('signature');
    const claims = readClaims(token, settings);
    return { claims, key, status: status?.read(claims) };
  }

  async function verify(token: string): Promise<AccessClaims> {
    if (typeof token !== 'string') throw new InvalidToken('malformed');
    if (token.length > MAX_LENGTH) throw new InvalidToken('too_long');
    const digest = remembered.digest(token);
    const known = remembered.get(digest);
    // A key that the issuer no longer lists, or has put in another's place, verifies nothing that it did before.
    let checked = known !== undefined && keys.get(known.key.kid) === known.key ? known : undefined;
    if (!checked) {
      const { kid, alg } = readHeader(token);
      checked = checkAnew(token, alg, keys.get(kid) ?? (await keys.find(kid)));
    }
    checkTimes(checked.claims, settings, clock());
    const waiting = status?.check(checked.key.kid, checked.status, checked.claims.exp);
    if (waiting) await waiting;
    if (checked !== known) remembered.set(digest, checked);
    return checked.claims;
  }

  const { ready, refresh, stop } = keepFresh(keys, status, settings);
  return { verify, ready, refresh, kids: keys.kids, close: stop };
}
