import type { IncomingHttpHeaders } from 'node:http';

/**
 * What proxies and balancers add: RFC 7239 (`Forwarded`), RFC 9110 §7.6.3 (`Via`), and the names that products
 * use. A request that carries one, an empty one too, came through somebody else's hands.
 */
const NAMES = new Set([
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-envoy-external-address',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
]);
const PREFIXES = ['x-forwarded', 'x-original-'];

export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return Object.keys(headers).some(
    (name) => NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix)),
  );
}
