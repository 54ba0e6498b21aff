import type { Transaction } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import type { NewMessage } from './message.js';
import { isRecipient, maskRecipient } from './recipient.js';
import type { SealedMessage } from './sealed-message.js';
import { templateSchemas } from './templates/variables.js';

/** NOTIFY on this channel says that something is due. */
export const MESSAGE_CHANNEL = 'nx_message';

/**
 * Writes the message into the caller's transaction and answers its id: once that is committed, the message is sent
 * or stands in the ledger with the reason why not.
 * @throws TypeError when the recipient or the variables don't fit, so that nothing unsendable is promised
 */
export type PromiseMessage = (sql: Transaction, message: NewMessage) => Promise<string>;

/** @param onPromised called after the commit, to wake a relay in this process */
export function createPromiseMessage(options: {
  nextId: NextId;
  sealed: SealedMessage;
  onPromised: () => void;
}): PromiseMessage {
  const { nextId, sealed, onPromised } = options;
  return async (sql, message) => {
    refuseUnfit(message);
    const id = nextId();
    const { channel, to, variables, secret } = message;
    const hasSecret = secret !== undefined && Object.keys(secret).length > 0;
    await sql.query(INSERT, [
      id,
      channel,
      message.merchantId,
      message.purpose,
      message.template,
      message.language,
      maskRecipient(channel, to),
      sealed.indexOf(to),
      sealed.sealContent(id, { to, variables }),
      hasSecret && !message.withheld ? sealed.sealSecret(id, secret) : null,
      message.deadline?.seconds ?? null,
      MESSAGE_CHANNEL,
      message.withheld ?? null,
    ]);
    sql.afterCommit(onPromised);
    return id;
  };
}

/** The cost is the dearest part that the merchant's providers ask for, until it is known better: a ceiling holds. */
const INSERT = `
  WITH promised AS (
    INSERT INTO identity."Message" (id, channel, merchant_id, purpose, template, language, recipient_masked,
      recipient_index, sealed_content, sealed_secret, deadline_at, error_class, status,
      finished_at, cost)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + make_interval(secs => $11::double precision),
      $13, CASE WHEN $13::text IS NULL THEN 'pending' ELSE 'withheld' END, CASE WHEN $13::text IS NOT NULL THEN now() END,
      CASE WHEN $2 = 'sms' AND $13::text IS NULL THEN coalesce((
        SELECT max(CASE WHEN jsonb_typeof(data -> 'pricePerSegment') = 'number'
          THEN ceil((data ->> 'pricePerSegment')::numeric) ELSE 0 END)
        FROM public."Configuration" WHERE code IN ('SMS_VNPAY', 'SMS_ESMS') AND status = 'ACTIVE'
          AND (merchant_id = $3 OR merchant_id IS NULL)), 0) ELSE 0 END)
    RETURNING id
  ) SELECT pg_notify($12, '') FROM promised`;

function refuseUnfit({ channel, to, template, variables, secret = {} }: NewMessage): void {
  if (!isRecipient(channel, to)) throw new TypeError(`not a recipient by ${channel}`);
  const schemas: Partial<Record<string, { variables: { safeParse: Check }; secret: { safeParse: Check } }>> =
    templateSchemas[template];
  const schema = schemas[channel];
  if (!schema) throw new TypeError(`template ${template} is not for ${channel}`);
  // The values may be secrets, so no message names them.
  if (!schema.variables.safeParse(variables).success) throw new TypeError(`unfit variables for ${template}`);
  if (!schema.secret.safeParse(secret).success) throw new TypeError(`unfit secrets for ${template}`);
}

type Check = (value: unknown) => { success: boolean };
