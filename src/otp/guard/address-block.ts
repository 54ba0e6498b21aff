import ipaddr from 'ipaddr.js';

/** Bits that neighbours share: what one provider hands out together, and one attacker rents together. */
const IPV4_BITS = 24;
const IPV6_BITS = 48;

/** `203.0.113.0` for 203.0.113.7; what is no address is one block of its own. */
export function addressBlock(address: string, ipv6Bits = IPV6_BITS): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const plain = ipaddr.process(address);
  if (plain.kind() === 'ipv4') return ipaddr.IPv4.networkAddressFromCIDR(`${plain}/${IPV4_BITS}`).toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${plain}/${ipv6Bits}`).toString();
}
