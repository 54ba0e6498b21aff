import { lookup as resolve } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A host that a merchant has named and that this service must not call for it. */
export class RefusedAddress extends Error {
  constructor() {
    super('the host is not on the public internet');
    this.name = 'RefusedAddress';
  }
}

/** Whether an address is out on the internet: not private, loopback, link-local (cloud metadata) or otherwise special. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

/** @throws RefusedAddress; an Error when the name can't be resolved */
export type ResolveHost = (host: string) => Promise<string>;

/**
 * Resolves a name once; every address it has must be a public one. Connect to the answer, not to the name: the
 * name may be somebody else's a moment later.
 */
export const resolvePublicHost: ResolveHost = async (host) => {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(bare) ? [bare] : (await resolve(bare, { all: true })).map(({ address }) => address);
  const [first] = addresses;
  if (first === undefined || !addresses.every(isPublicAddress)) throw new RefusedAddress();
  return first;
};

/** For `http.request`: answers the address that was resolved and checked, whatever the name is by now. */
export const pinnedLookup =
  (address: string): LookupFunction =>
  (_host, options, answer) => {
    const family = isIP(address);
    if (options.all) answer(null, [{ address, family }]);
    else answer(null, address, family);
  };
