import type { Transaction } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import type { Carried } from '../telemetry/traces.js';
import type { NewMessage, PromisedMessage } from './message.js';
import { PRICE_UNKNOWN_VND } from './providers/sms-settings.js';
import { isRecipient, maskRecipient } from './recipient.js';
import type { SealedMessage } from './sealed-message.js';
import { templateSchemas } from './templates/variables.js';

/** NOTIFY on this channel says that something is due. */
export const MESSAGE_CHANNEL = 'nx_message';

/**
 * Writes the message into the caller's transaction: once that is committed, the message is sent or stands in the
 * ledger with the reason why not. An SMS holds its merchant's row of the day until then, so let it be the last step.
 * @throws TypeError when the recipient or the variables don't fit, so that nothing unsendable is promised
 */
export type PromiseMessage = (sql: Transaction, message: NewMessage) => Promise<PromisedMessage>;

const WITHIN_CEILING = '($14::bigint IS NULL OR today.spent + (SELECT cost FROM price) <= $14)';

/**
 * @param onPromised called after the commit, to wake a relay in this process
 * @param carry the trace under way, which the row keeps for whoever sends the message
 */
export function createPromiseMessage(options: {
  nextId: NextId;
  sealed: SealedMessage;
  onPromised: () => void;
  carry?: (() => Carried | undefined) | undefined;
}): PromiseMessage {
  const { nextId, sealed, onPromised, carry } = options;
  return async (sql, message) => {
    refuseUnfit(message);
    const id = nextId();
    const { channel, to, variables, secret } = message;
    const trace = carry?.();
    const hasSecret = secret !== undefined && Object.keys(secret).length > 0;
    const [promised] = await sql.query<{ withheld: string | null }>(INSERT, [
      id,
      channel,
      message.merchantId,
      message.purpose,
      message.template,
      message.language,
      maskRecipient(channel, to),
      sealed.indexOf(to),
      sealed.sealContent(id, { to, variables }),
      hasSecret ? sealed.sealSecret(id, secret) : null,
      message.deadline?.seconds ?? null,
      MESSAGE_CHANNEL,
      message.withheld ?? null,
      message.spendCeilingVnd ?? null,
      trace?.requestId ?? null,
      trace?.traceParent ?? null,
    ]);
    sql.afterCommit(onPromised);
    return { id, withheld: promised?.withheld ?? null };
  };
}

/**
 * The cost is the dearest part that the merchant's providers ask for (500 VND where none says), until it is known better:
 * a ceiling holds. What is withheld costs nothing and takes the same steps (O5), the merchant's row of the day included.
 */
const INSERT = `
  WITH price AS (
    SELECT CASE WHEN $2 = 'sms' AND $13::text IS NULL THEN coalesce((
        SELECT max(CASE WHEN jsonb_typeof(data -> 'pricePerSegment') = 'number'
          THEN ceil((data ->> 'pricePerSegment')::numeric) ELSE ${PRICE_UNKNOWN_VND} END)
        FROM public."Configuration" WHERE code IN ('SMS_VNPAY', 'SMS_ESMS') AND status = 'ACTIVE'
          AND (merchant_id = $3 OR merchant_id IS NULL)), 0) ELSE 0 END AS cost
  ), counted AS (
    INSERT INTO identity."MessageSpend" AS today (merchant_id, day, spent, granted)
    SELECT coalesce($3, ''), (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date,
      CASE WHEN $14::bigint IS NULL OR cost <= $14 THEN cost ELSE 0 END, $14::bigint IS NULL OR cost <= $14
    FROM price WHERE $2 = 'sms'
    ON CONFLICT (merchant_id, day) DO UPDATE SET
      spent = CASE WHEN ${WITHIN_CEILING} THEN today.spent + (SELECT cost FROM price) ELSE today.spent END,
      granted = ${WITHIN_CEILING}
    RETURNING granted
  ), judged AS (
    SELECT coalesce($13, CASE WHEN EXISTS (SELECT FROM counted WHERE NOT granted) THEN 'spend_ceiling' END) AS withheld
  ), promised AS (
    INSERT INTO identity."Message" (id, channel, merchant_id, purpose, template, language, recipient_masked,
      recipient_index, sealed_content, sealed_secret, deadline_at, error_class, status, finished_at, cost,
      request_id, trace_parent)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, CASE WHEN withheld IS NULL THEN $10 END,
      now() + make_interval(secs => $11::double precision), withheld,
      CASE WHEN withheld IS NULL THEN 'pending' ELSE 'withheld' END,
      CASE WHEN withheld IS NOT NULL THEN now() END, CASE WHEN withheld IS NULL THEN cost ELSE 0 END,
      $15, $16
    FROM judged, price
    RETURNING id, error_class
  ) SELECT error_class AS withheld, pg_notify($12, '') FROM promised`;

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
