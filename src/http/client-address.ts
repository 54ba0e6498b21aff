import { isIP } from 'node:net';
import type { Request } from 'express';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** IPv4 is always written as IPv4, so that a dual-stack listener gives it no other limits and no other rights. */
const plain = (address: string): string => MAPPED_IPV4.exec(address)?.[1] ?? address;

/**
 * The visitor's address as the trusted hops report it; where one of them wrote something that is no address, the
 * socket's.
 */
export function clientAddress(request: Request): string {
  const reported = request.ip ?? '';
  return isIP(reported) ? plain(reported) : socketAddress(request);
}

/** Who really holds the other end: no header changes it (P7). Empty when the socket is gone already. */
export function socketAddress(request: Pick<Request, 'socket'>): string {
  return plain(request.socket.remoteAddress ?? '');
}
