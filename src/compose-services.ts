import type { AuditTrail } from './compose-audit.js';
import { createAddressList } from './http/address-list.js';
import { createApp } from './http/create-app.js';
import type { CreateLimit } from './http/limits.js';
import { NO_PEOPLE } from './http/no-people.js';
import type { Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import {
  createDecoyHash,
  createIdentifyService,
  createProvenServices,
  createSecretHasher,
  createServiceGate,
  createServiceLimits,
  createServiceStore,
  internalRoutes,
} from './services/index.js';

/** A right secret is checked again after this: how long a revoked one may go on. */
const PROVEN_FOR_MS = 10_000;
/** 2 x 19 MiB at most, and two of libuv's four threads left for others. */
const HASHING = { parallel: 2, waiting: 64 };

export type Services = Awaited<ReturnType<typeof composeServices>>;

/** Wires what knows services by their credentials (P5). */
export async function composeServices(
  { config, database, limit: shared, logger }: Infrastructure,
  { countRefusal }: Pick<AuditTrail, 'countRefusal'>,
  overrides: { limit?: CreateLimit; monotonicNow?: () => number } = {},
) {
  const { limit = shared, monotonicNow = () => performance.now() } = overrides;
  const store = createServiceStore(database);
  const hasher = createSecretHasher(HASHING);
  const service = createIdentifyService({
    store,
    hasher,
    decoyHash: await createDecoyHash(hasher),
    proven: createProvenServices({ ttlMs: PROVEN_FOR_MS, atMost: 1000, monotonicNow }),
    isAllowed: createAddressList(config.services.addresses),
    logger,
  });
  const limits = createServiceLimits({
    limit,
    service,
    perAddress: config.limits.servicePerAddress,
    perName: config.limits.servicePerName,
  });
  return { store, service, hasher, limits, gate: createServiceGate({ limits, service, countRefusal }) };
}

/** The internal listener's application (contract §7): services alone, and nothing is said to anybody else. */
export function composeInternal(
  { logger, metrics, traces }: Infrastructure,
  services: Pick<Services, 'gate'>,
  routes: readonly Route[],
) {
  return createApp({
    routes: [...internalRoutes(), ...routes],
    trustedHops: 0,
    corsOrigins: [],
    secureCookies: true,
    personGate: NO_PEOPLE,
    serviceGate: services.gate,
    servicesOnly: true,
    logger,
    metrics,
    traces,
  });
}
