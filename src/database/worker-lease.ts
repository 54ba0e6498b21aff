import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import type { Logger } from '../telemetry/logger.js';
import type { Database } from './database.js';

/** A lease lives 30 s and is renewed every 8 s; its holder stops 5 s early, so clocks needn't agree exactly. */
const LEASE_S = 30;
const RENEW_MS = 8000;
const MARGIN_MS = 5000;

export interface WorkerLease {
  /** @throws Problem 503 while no worker id is held */
  workerId(): number;
  /** Milliseconds since 1970: the worker id's last holder minted nothing after this. */
  floor(): number;
  /** Leases now if nothing is held, and keeps renewing. Never throws: what fails is tried again. */
  start(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Leases the lowest free snowflake worker id of a range, so that two replicas never mint the same id (R1).
 * @param monotonicNow milliseconds that never jump, such as `performance.now`
 */
export function createWorkerLease(options: {
  database: Database;
  range: { first: number; last: number };
  holder: string;
  monotonicNow: () => number;
  logger: Logger;
}): WorkerLease {
  const { database, range, holder, monotonicNow, logger } = options;
  let held: { workerId: number; floor: number; until: number } | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function renew(): Promise<void> {
    const asked = monotonicNow();
    try {
      const [lease] = await database.query<{ worker_id: number; floor_ms: string }>(
        'SELECT worker_id, floor_ms FROM identity.lease_worker($1, $2, $3, $4)',
        [holder, range.first, range.last, LEASE_S],
      );
      if (!lease) return void logger.error({ range }, 'no snowflake worker id is free');
      const floor = held?.workerId === lease.worker_id ? held.floor : Number(lease.floor_ms);
      held = { workerId: lease.worker_id, floor, until: asked + LEASE_S * 1000 - MARGIN_MS };
    } catch (error) {
      logger.warn({ err: error }, 'the snowflake worker id could not be renewed');
    }
  }

  function current() {
    if (held && monotonicNow() < held.until) return held;
    throw new Problem(requestErrors.unavailable, {
      headers: { 'Retry-After': '2' },
      detail: 'No worker id is leased',
    });
  }

  return {
    workerId: () => current().workerId,
    floor: () => current().floor,
    async start() {
      timer ??= setInterval(() => void renew(), RENEW_MS).unref();
      if (!held || monotonicNow() >= held.until) await renew();
    },
    async release() {
      clearInterval(timer);
      timer = undefined;
      held = undefined;
      await database
        .query(
          'UPDATE identity."WorkerLease" SET expires_at = now() WHERE holder = $1 AND expires_at > now()',
          [holder],
        )
        .catch((error: unknown) =>
          logger.warn({ err: error }, 'the snowflake worker id could not be given back'),
        );
    },
  };
}
