import type { Transaction } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { messageErrors } from './errors.js';
import { MESSAGE_CHANNEL } from './promise-message.js';

/**
 * Sends a dead message once more, as an operator asks, in the transaction that writes down who did.
 * @throws Problem `message.not_found`, `message.too_late` (its deadline has passed), `message.not_dead`
 */
export type ReplayMessage = (sql: Transaction, id: string) => Promise<void>;

/** One statement decides, so that two operators replay once. @param onReplayed wakes a relay in this process */
export function createReplayMessage({ onReplayed }: { onReplayed: () => void }): ReplayMessage {
  return async (sql, id) => {
    const replayed = await sql.query(REPLAY, [id, MESSAGE_CHANNEL]);
    if (replayed.length > 0) return sql.afterCommit(onReplayed);
    const [message] = await sql.query<{ is_late: boolean }>(
      'SELECT coalesce(deadline_at <= now(), false) AS is_late FROM identity."Message" WHERE id = $1',
      [id],
    );
    if (!message) throw new Problem(messageErrors.not_found);
    throw new Problem(message.is_late ? messageErrors.too_late : messageErrors.not_dead);
  };
}

const REPLAY = `
  WITH replayed AS (
    UPDATE identity."Message" SET status = 'pending', due_at = now(), rounds = 0, replays = replays + 1,
      finished_at = NULL, enqueued_until = NULL, error_class = NULL
    WHERE id = $1 AND status = 'dead' AND (deadline_at IS NULL OR deadline_at > now())
    RETURNING id
  ) SELECT pg_notify($2, '') FROM replayed`;
