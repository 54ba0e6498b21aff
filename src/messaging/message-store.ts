import type { Sql } from '../database/database.js';
import type { Attempt, Channel, Language } from './message.js';
import type { TemplateName } from './templates/variables.js';

/** Seconds. A worker that was killed lets go after this; one that lives renews long before. */
export const LEASE_S = 10;

/** A message in the hands of one worker. */
export interface ClaimedMessage {
  id: string;
  channel: Channel;
  merchantId: string | null;
  template: TemplateName;
  language: Language;
  sealedContent: string;
  sealedSecret: string | null;
  hasDeadline: boolean;
  isLate: boolean;
  rounds: number;
  replays: number;
  attempts: Attempt[];
  /** Of whoever promised it, if they were traced. */
  requestId: string | null;
  traceParent: string | null;
}

export interface Recorded {
  status: Exclude<Attempt['status'], 'started'>;
  temporary: boolean;
  providerStatus?: string | undefined;
  reference?: string | undefined;
  errorClass?: string | undefined;
  latencyMs: number;
}

export interface MessageStore {
  /** Takes a due message for `LEASE_S`; undefined when it is done, not due, or in another worker's hands. */
  claim(id: string, lease: string): Promise<ClaimedMessage | undefined>;
  renew(id: string, lease: string): Promise<void>;
  /** Writes an attempt down before it is made. Undefined: the lease or the deadline is gone, nothing may be sent. */
  begin(
    id: string,
    lease: string,
    attempt: Omit<Attempt, 'status' | 'temporary'> & { segments: number; cost: number },
  ): Promise<{ remainingMs: number } | undefined>;
  /** What came of it. Acceptance ends the message and erases its secret in the same statement (D7). */
  record(id: string, number: number, outcome: Recorded): Promise<void>;
  /** Gives the message back, to be tried again after `pauseS`. */
  postpone(id: string, lease: string, pauseS: number, errorClass: string): Promise<void>;
  /** Puts it aside for an operator. A code with a deadline can still be replayed until then. */
  bury(id: string, lease: string, errorClass: string): Promise<void>;
  expire(id: string, lease: string): Promise<void>;
  release(id: string, lease: string): Promise<void>;
}

export function createMessageStore(sql: Sql): MessageStore {
  const run = async (text: string, values: unknown[]) => void (await sql.query(text, values));
  return {
    async claim(id, lease) {
      const [message] = await sql.query<ClaimedMessage>(CLAIM, [id, lease, LEASE_S]);
      return message;
    },
    renew: (id, lease) =>
      run(`UPDATE identity."Message" SET leased_until = now() + make_interval(secs => $3) WHERE ${HELD}`, [
        id,
        lease,
        LEASE_S,
      ]),
    async begin(id, lease, { number, replay, round, provider, providerMessageId, segments, cost }) {
      const [begun] = await sql.query<{ remainingMs: number | null }>(BEGIN, [
        id,
        lease,
        LEASE_S,
        number,
        replay,
        round,
        provider,
        providerMessageId,
        segments,
        cost,
      ]);
      return begun && { remainingMs: begun.remainingMs ?? Number.POSITIVE_INFINITY };
    },
    record: (id, number, { status, temporary, providerStatus, reference, errorClass, latencyMs }) =>
      run(status === 'accepted' ? ACCEPT : RECORD, [
        id,
        number,
        status,
        temporary,
        providerStatus ?? null,
        reference ?? null,
        errorClass ?? null,
        Math.round(latencyMs),
      ]),
    postpone: (id, lease, pauseS, errorClass) =>
      run(
        `UPDATE identity."Message" SET rounds = rounds + 1, due_at = now() + make_interval(secs => $3),
         error_class = $4, ${LET_GO} WHERE ${HELD}`,
        [id, lease, pauseS, errorClass],
      ),
    bury: (id, lease, errorClass) =>
      run(
        `UPDATE identity."Message" SET status = 'dead', rounds = rounds + 1, finished_at = now(),
         cost = ${SPENT}, error_class = $3, ${LET_GO} WHERE ${HELD}`,
        [id, lease, errorClass],
      ),
    expire: (id, lease) =>
      run(
        `UPDATE identity."Message" SET status = 'expired', sealed_secret = NULL, finished_at = now(),
         cost = ${SPENT}, ${LET_GO} WHERE ${HELD}`,
        [id, lease],
      ),
    release: (id, lease) => run(`UPDATE identity."Message" SET ${LET_GO} WHERE ${HELD}`, [id, lease]),
  };
}

const HELD = `id = $1 AND lease = $2 AND status = 'pending'`;
const LET_GO = 'lease = NULL, leased_until = NULL, enqueued_until = NULL';

/** What providers may ask for: each id that was, or may have been, accepted, counted once. */
export const SPENT = `(
  SELECT coalesce(sum(cost), 0) FROM (
    SELECT max(cost) AS cost FROM identity."MessageAttempt"
    WHERE message_id = "Message".id AND status IN ('accepted', 'unclear', 'started')
    GROUP BY provider, provider_message_id) AS paid)`;

const CLAIM = `
  UPDATE identity."Message" AS message SET lease = $2, leased_until = now() + make_interval(secs => $3)
  WHERE id = $1 AND status = 'pending' AND due_at <= now() AND (leased_until IS NULL OR leased_until < now())
  RETURNING id, channel, merchant_id AS "merchantId", template, language, sealed_content AS "sealedContent",
    sealed_secret AS "sealedSecret", deadline_at IS NOT NULL AS "hasDeadline",
    coalesce(deadline_at <= now(), false) AS "isLate", rounds, replays,
    request_id AS "requestId", trace_parent AS "traceParent",
    (SELECT coalesce(jsonb_agg(jsonb_build_object('number', number, 'replay', replay, 'round', round,
       'provider', provider, 'providerMessageId', provider_message_id, 'status', status, 'temporary', temporary)
       ORDER BY number), '[]')
     FROM identity."MessageAttempt" WHERE message_id = message.id) AS attempts`;

/** The database's clock decides whether it is too late. */
const BEGIN = `
  WITH held AS (
    UPDATE identity."Message" SET leased_until = now() + make_interval(secs => $3)
    WHERE ${HELD} AND leased_until > now() AND (deadline_at IS NULL OR deadline_at > now())
    RETURNING id, floor(extract(epoch FROM deadline_at - now()) * 1000)::double precision AS remaining_ms
  ), begun AS (
    INSERT INTO identity."MessageAttempt"
      (message_id, number, replay, round, provider, provider_message_id, segments, cost)
    SELECT id, $4, $5, $6, $7, $8, $9, $10 FROM held RETURNING message_id
  ) SELECT remaining_ms AS "remainingMs" FROM held JOIN begun ON message_id = id`;

const RECORD_ATTEMPT = `
  UPDATE identity."MessageAttempt" SET status = $3, temporary = $4, provider_status = $5, provider_reference = $6,
    error_class = $7, latency_ms = $8
  WHERE message_id = $1 AND number = $2`;

const RECORD = RECORD_ATTEMPT;

/** This attempt's own cost is not in the snapshot that SPENT reads as accepted, but as started: counted all the same. */
const ACCEPT = `
  WITH attempt AS (${RECORD_ATTEMPT} RETURNING message_id)
  UPDATE identity."Message" SET status = 'accepted', sealed_secret = NULL, finished_at = now(), error_class = NULL,
    cost = ${SPENT}, ${LET_GO}
  FROM attempt WHERE id = message_id AND status IN ('pending', 'expired')`;
