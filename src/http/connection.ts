import type { Request } from 'express';
import { socketAddress } from './client-address.js';
import { isForwarded } from './forwarded.js';
import type { Connection } from './route.js';

export function readConnection(request: Pick<Request, 'headers' | 'socket'>): Connection {
  return { address: socketAddress(request), forwarded: isForwarded(request.headers) };
}
