import type { Sql } from '../database/database.js';
import { type Page, type PageQuery, toPage } from '../http/page.js';
import type { Channel, MessageStatus } from './message.js';
import type { Delivery } from './reports/record-report.js';

/** A line of the ledger: nothing in it says what was sent, or to whom exactly. */
export interface LedgerEntry {
  id: string;
  channel: Channel;
  recipient: string;
  purpose: string;
  template: string;
  merchantId: string | null;
  status: MessageStatus;
  errorClass: string | null;
  /** VND. */
  cost: number;
  replays: number;
  createdAt: string;
  finishedAt: string | null;
  deadlineAt: string | null;
  attempts: {
    provider: string;
    providerMessageId: string;
    status: string;
    providerStatus: string | null;
    providerReference: string | null;
    errorClass: string | null;
    segments: number;
    cost: number;
    latencyMs: number | null;
    startedAt: string;
    /** What the provider reported later; null where it has not. */
    delivery: Delivery | null;
    deliveryStatus: string | null;
    deliveryReportedAt: string | null;
  }[];
}

export type ListMessages = (
  filter: PageQuery & { status?: MessageStatus | undefined },
) => Promise<Page<LedgerEntry>>;

/** The ledger, newest first; a cursor is the id of the last one seen. */
export function createListMessages(sql: Sql): ListMessages {
  return async ({ status, limit, cursor }) => {
    const rows = await sql.query<LedgerEntry>(LIST, [status ?? null, cursor ?? null, limit + 1]);
    return toPage(rows, limit);
  };
}

const LIST = `
  SELECT message.id, channel, recipient_masked AS recipient, purpose, template, merchant_id AS "merchantId", status,
    error_class AS "errorClass", cost::double precision AS cost, replays, to_json(created_at) #>> '{}' AS "createdAt",
    to_json(finished_at) #>> '{}' AS "finishedAt", to_json(deadline_at) #>> '{}' AS "deadlineAt",
    (SELECT coalesce(jsonb_agg(jsonb_build_object('provider', provider, 'providerMessageId', provider_message_id,
       'status', attempt.status, 'providerStatus', provider_status, 'providerReference', provider_reference,
       'errorClass', attempt.error_class, 'segments', segments, 'cost', attempt.cost, 'latencyMs', latency_ms,
       'startedAt', started_at, 'delivery', delivery, 'deliveryStatus', delivery_status,
       'deliveryReportedAt', delivery_reported_at) ORDER BY number), '[]')
     FROM identity."MessageAttempt" AS attempt WHERE message_id = message.id) AS attempts
  FROM identity."Message" AS message
  WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR (message.created_at, message.id) <
    (SELECT last.created_at, last.id FROM identity."Message" AS last WHERE last.id = $2))
  ORDER BY message.created_at DESC, message.id DESC LIMIT $3`;
