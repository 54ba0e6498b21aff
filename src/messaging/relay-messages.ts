import type { Bell } from '../database/bell.js';
import type { Database } from '../database/database.js';
import type { Running } from '../running.js';
import type { Logger } from '../telemetry/logger.js';

const BATCH = 100;
const LOOK_EVERY_MS = 1000;
/** Seconds until a message that was put into the queue, but not worked on, is put there again (D8: Redis flushed). */
const ENQUEUED_S = 15;

export interface MessageRelay {
  /** Puts what is due into the queue, once over. @returns how many */
  relayDue(): Promise<number>;
  /** Ends what is too late, and erases codes whose time is over. */
  sweep(): Promise<void>;
}

/** Rows are marked in the transaction that enqueues them: a crash between leaves a job too many, never one too few. */
export function createMessageRelay(options: {
  database: Pick<Database, 'query' | 'transaction'>;
  enqueue: (ids: string[]) => Promise<void>;
}): MessageRelay {
  const { database, enqueue } = options;
  return {
    relayDue: () =>
      database.transaction(async (sql) => {
        const due = await sql.query<{ id: string }>(MARK_DUE, [BATCH, ENQUEUED_S]);
        if (due.length > 0) await enqueue(due.map(({ id }) => id));
        return due.length;
      }),
    sweep: async () => void (await database.query(SWEEP)),
  };
}

const MARK_DUE = `
  UPDATE identity."Message" SET enqueued_until = now() + make_interval(secs => $2)
  WHERE id IN (
    SELECT id FROM identity."Message"
    WHERE status = 'pending' AND due_at <= now() AND (enqueued_until IS NULL OR enqueued_until < now())
    ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING id`;

/** A message in a worker's hands is left to it: the worker asks for the deadline before it sends. */
const SWEEP = `
  UPDATE identity."Message" SET sealed_secret = NULL,
    finished_at = coalesce(finished_at, now()), status = CASE status WHEN 'pending' THEN 'expired' ELSE status END
  WHERE deadline_at <= now() AND (sealed_secret IS NOT NULL OR status = 'pending')
    AND (leased_until IS NULL OR leased_until < now())`;

/** Relays until it is stopped: at a ring, or once a second. */
export function runMessageRelay(options: { relay: MessageRelay; bell: Bell; logger: Logger }): Running {
  const { relay, bell, logger } = options;
  let stopped = false;
  let failing = false;

  async function work(): Promise<void> {
    try {
      await relay.sweep();
      while ((await relay.relayDue()) === BATCH && !stopped);
      failing = false;
    } catch (error) {
      if (!failing) logger.warn({ err: error }, 'messages wait: the relay cannot work');
      failing = true;
    }
  }

  async function loop(): Promise<void> {
    while (!stopped) {
      await work();
      if (!stopped) await bell.wait(LOOK_EVERY_MS);
    }
  }

  const running = loop();
  return {
    async stop() {
      stopped = true;
      bell.ring();
      await running;
    },
  };
}
