import type { Sql } from '../database/database.js';
import type { IdQueue } from '../queues/id-queue.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Channel } from './message.js';

const CHANNELS: readonly Channel[] = ['sms', 'mail'];

/** Figures about messages: read every so often, shown as they were then. */
export interface MessageFigures {
  refresh(): Promise<void>;
}

/**
 * `nx_messages_waiting`, `nx_message_oldest_unsent_seconds`, `nx_messages_dead`, `nx_queue_depth`. No label holds a
 * recipient.
 */
export function observeMessages(options: {
  sql: Sql;
  queue: Pick<IdQueue, 'depth'>;
  metrics: Pick<Metrics, 'observe'>;
}): MessageFigures {
  const { sql, queue, metrics } = options;
  const zero = () => Object.fromEntries(CHANNELS.map((channel) => [channel, 0]));
  let [waiting, oldest, dead, depth] = [zero(), zero(), zero(), 0];
  const observe = (name: string, help: string, label: string, read: () => Record<string, number>) =>
    metrics.observe({ name, help, label, read });
  observe('nx_messages_waiting', 'Messages that were promised and not sent yet', 'channel', () => waiting);
  observe('nx_message_oldest_unsent_seconds', 'Age of the oldest of them', 'channel', () => oldest);
  observe('nx_messages_dead', 'Messages that failed and can still be replayed', 'channel', () => dead);
  observe('nx_queue_depth', 'Jobs that nobody has finished', 'queue', () => ({ messages: depth }));
  return {
    async refresh() {
      const rows = await sql.query<{ channel: string; count: number; age: number }>(
        `SELECT channel, count(*)::integer AS count, extract(epoch FROM now() - min(created_at))::double precision AS age
         FROM identity."Message" WHERE status = 'pending' GROUP BY channel`,
      );
      waiting = { ...zero(), ...Object.fromEntries(rows.map((row) => [row.channel, row.count])) };
      oldest = { ...zero(), ...Object.fromEntries(rows.map((row) => [row.channel, row.age])) };
      const failed = await sql.query<{ channel: string; count: number }>(
        `SELECT channel, count(*)::integer AS count FROM identity."Message"
         WHERE status = 'dead' AND (deadline_at IS NULL OR deadline_at > now()) GROUP BY channel`,
      );
      dead = { ...zero(), ...Object.fromEntries(failed.map((row) => [row.channel, row.count])) };
      depth = await queue.depth();
    },
  };
}
