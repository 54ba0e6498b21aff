import type { FindServiceByToken } from '../http/route.js';
import type { ServiceStore } from './service-store.js';

/**
 * The service behind `Authorization: Bearer <system token>`, with its grants as they are now: an active service, by a
 * credential that is neither revoked nor expired, whatever the token's own life.
 */
export function createFindByToken(options: {
  /** Knows tokens that were made for us alone. */
  readToken(
    token: string,
  ): Promise<{ name: string; status: { list: number; idx: number } | null } | undefined>;
  store: Pick<ServiceStore, 'find'>;
}): FindServiceByToken {
  const { readToken, store } = options;
  return async (authorization) => {
    const token = /^Bearer +([^ ]+)$/i.exec(authorization ?? '')?.[1];
    const read = token === undefined ? undefined : await readToken(token);
    const service = read && (await store.find(read.name));
    if (!service) return undefined;
    const { id: serviceId, name, grants, credentials } = service;
    const isLive = credentials.some(
      ({ status }) => status?.list === read.status?.list && status?.idx === read.status?.idx,
    );
    return isLive ? { serviceId, name, grants } : undefined;
  };
}
