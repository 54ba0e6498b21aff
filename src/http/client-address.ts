import { isIP } from 'node:net';
import type { Request } from 'express';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * The visitor's address as the trusted hops report it; where one of them wrote something that is no address, the
 * socket's. IPv4 is always written as IPv4, so that a dual-stack listener does not give it other limits.
 */
export function clientAddress(request: Request): string {
  const reported = request.ip ?? '';
  const address = isIP(reported) ? reported : (request.socket.remoteAddress ?? '');
  return MAPPED_IPV4.exec(address)?.[1] ?? address;
}
