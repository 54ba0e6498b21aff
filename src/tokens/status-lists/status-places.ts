import { setTimeout as after } from 'node:timers/promises';
import type { Sql } from '../../database/database.js';
import type { StatusPlace } from './status-place.js';

const BLOCK = 64;
const TRIES = 5;
const RETRY_MS = 50;
/** Milliseconds. A list is dropped two hours after its last place was handed out, if nothing lives in it. */
const FRESH_MS = 3_600_000;

export interface StatusPlaces {
  take(): Promise<StatusPlace>;
  /** For one that was not used after all. */
  giveBack(place: StatusPlace): void;
}

/**
 * Places for new sessions, taken from the database by the block, so that opening a session stays one round trip. What
 * a process holds when it ends is lost, which costs nothing: an unused place is never revoked.
 * @param monotonicNow milliseconds that never jump
 */
export function createStatusPlaces(options: { database: Sql; monotonicNow: () => number }): StatusPlaces {
  const { database, monotonicNow } = options;
  let held: StatusPlace[] = [];
  let heldSince = 0;
  let refill: Promise<void> | undefined;

  async function fetchBlock(): Promise<void> {
    const taken = await database.query<{ list_id: number; idx: number }>(
      'SELECT list_id, idx FROM identity.take_status_indices($1)',
      [BLOCK],
    );
    if (taken.length === 0) return;
    if (held.length === 0) heldSince = monotonicNow();
    held.push(...taken.map(({ list_id: list, idx }) => ({ list, idx })));
  }

  function startRefill(): Promise<void> {
    refill ??= fetchBlock().finally(() => {
      refill = undefined;
    });
    return refill;
  }

  return {
    async take() {
      if (monotonicNow() - heldSince > FRESH_MS) held = [];
      for (let attempt = 0; held.length === 0; attempt += 1) {
        if (attempt === TRIES) throw new Error('no place in a status list is to be had');
        if (attempt > 0) await after(RETRY_MS);
        await startRefill();
      }
      if (held.length < BLOCK / 2) void startRefill().catch(() => undefined); // whoever finds none asks again
      return held.shift() as StatusPlace;
    },
    giveBack: (place) => void held.push(place),
  };
}
