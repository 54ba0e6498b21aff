import type { Sql } from '../../database/database.js';

export const DELIVERIES = ['pending', 'delivered', 'undelivered'] as const;
export type Delivery = (typeof DELIVERIES)[number];

export interface DeliveryReport {
  provider: string;
  providerMessageId: string;
  delivery: Delivery;
  /** In the provider's words. */
  status: string;
  /** Whose message it has to be; undefined: anybody's. */
  merchantId?: string | undefined;
}

/** False for a message that isn't there (any more), and for a report that says less than one before it. */
export type RecordReport = (report: DeliveryReport) => Promise<boolean>;

/** Reports come late, twice and out of order: delivered is the last word, and pending never takes one back. */
export function createRecordReport(options: { sql: Sql; count: (delivery: string) => void }): RecordReport {
  const { sql, count } = options;
  return async ({ provider, providerMessageId, delivery, status, merchantId }) => {
    const recorded = await sql.query(RECORD, [
      provider,
      providerMessageId,
      delivery,
      status.slice(0, 64),
      merchantId ?? null,
    ]);
    if (recorded.length > 0) count(`${provider}_${delivery}`);
    return recorded.length > 0;
  };
}

const RECORD = `
  UPDATE identity."MessageAttempt" AS attempt
  SET delivery = $3, delivery_status = $4, delivery_reported_at = now()
  WHERE provider = $1 AND provider_message_id = $2
    AND array_position(ARRAY['pending', 'undelivered', 'delivered'], $3::text)
      > coalesce(array_position(ARRAY['pending', 'undelivered', 'delivered'], delivery), 0)
    AND ($5::text IS NULL OR EXISTS (
      SELECT FROM identity."Message" AS message WHERE message.id = attempt.message_id AND message.merchant_id = $5))
  RETURNING message_id`;
