import { lookup as resolve } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import ipaddr from 'ipaddr.js';

const RESOLVE_WITHIN_MS = 3000;

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
  const addresses = isIP(bare) ? [bare] : await resolveInTime(bare);
  const [first] = addresses;
  if (first === undefined || !addresses.every(isPublicAddress)) throw new RefusedAddress();
  return first;
};

async function resolveInTime(host: string): Promise<string[]> {
  const late = after(RESOLVE_WITHIN_MS, undefined, { ref: false }).then(() => {
    throw new Error('the name was not resolved in time');
  });
  const answers = await Promise.race([resolve(host, { all: true }), late]);
  return answers.map(({ address }) => address);
}

/** For `http.request`: answers the address that was resolved and checked, whatever the name is by now. */
export const pinnedLookup =
  (address: string): LookupFunction =>
  (_host, options, answer) => {
    const family = isIP(address);
    if (options.all) answer(null, [{ address, family }]);
    else answer(null, address, family);
  };
