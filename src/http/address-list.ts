import { BlockList, isIP } from 'node:net';
import type { Network } from '../config/network.js';

export type AddressList = (address: string) => boolean;

/** Whether an address lies in one of the networks; what is no address lies in none. */
export function createAddressList(networks: readonly Network[]): AddressList {
  const list = new BlockList();
  for (const { address, prefix, family } of networks) list.addSubnet(address, prefix, family);
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}
