import { UnusableConfiguration } from '../configurations/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { AttemptStatus, MessageContent } from './message.js';
import { type ClaimedMessage, LEASE_S, type MessageStore } from './message-store.js';
import { nextStep } from './next-step.js';
import type { GuardCircuit } from './providers/guard-circuit.js';
import { type Outcome, type PreparedMessage, type Sender, UnsendableText } from './providers/sender.js';
import { pauseBeforeRound } from './retry-policy.js';
import type { SealedMessage } from './sealed-message.js';

/** Milliseconds: how soon an unclear call is made once more. */
const UNCLEAR_PAUSE = 3000;
/** An answer to a promise is written down even when PostgreSQL is away for a moment. */
const RECORD_TRIES = 3;

export interface SendMessageOptions {
  store: MessageStore;
  sealed: SealedMessage;
  /** The ways out in their order; none: the channel is not configured. @throws UnusableConfiguration */
  sendersFor(message: Pick<ClaimedMessage, 'channel' | 'merchantId'>): Promise<Sender[]>;
  guard: GuardCircuit;
  newLease: () => string;
  random: () => number;
  monotonicNow: () => number;
  /** Waits; false when the process is stopping. */
  pause(ms: number): Promise<boolean>;
  count(labels: { channel: string; provider: string; outcome: string }): void;
  logger: Logger;
}

/**
 * Sends one message, as far as it goes now. Everything that decides is in the row and its attempts, so it may be
 * called twice, at once, or after a kill at any line (D7).
 */
export function createSendMessage(options: SendMessageOptions): (id: string) => Promise<void> {
  const { store, newLease, logger } = options;
  return async (id) => {
    const lease = newLease();
    const message = await store.claim(id, lease);
    if (!message) return;
    const renewing = setInterval(
      () =>
        store
          .renew(id, lease)
          .catch((error: unknown) => logger.warn({ err: error, id }, 'a lease was not renewed')),
      (LEASE_S * 1000) / 3,
    ).unref();
    try {
      await (message.isLate ? store.expire(id, lease) : sendClaimed(options, message, lease));
    } catch (error) {
      logger.error({ err: error, id }, 'a message could not be worked on');
      await store.postpone(
        id,
        lease,
        pauseBeforeRound({ round: 1, hasDeadline: false, random: options.random }) ?? 0,
        'internal',
      );
    } finally {
      clearInterval(renewing);
    }
  };
}

async function sendClaimed(
  options: SendMessageOptions,
  message: ClaimedMessage,
  lease: string,
): Promise<void> {
  const { store, sealed, logger } = options;
  let senders: Sender[];
  try {
    senders = await options.sendersFor(message);
  } catch (error) {
    if (!(error instanceof UnusableConfiguration)) throw error;
    logger.error({ err: error, id: message.id }, 'a message has no usable configuration');
    return store.bury(message.id, lease, 'configuration');
  }
  if (senders.length === 0) return store.bury(message.id, lease, 'not-configured');
  const content: MessageContent = {
    ...message,
    ...sealed.openContent(message.id, message.sealedContent),
    secret: message.sealedSecret === null ? {} : sealed.openSecret(message.id, message.sealedSecret),
  };
  const prepared = prepareAll(senders, content, logger);
  const usable = senders.filter(({ name }) => prepared.has(name));
  if (usable.length === 0) return store.bury(message.id, lease, 'unsendable-text');
  const end = await trySenders(options, message, lease, { senders: usable, prepared });
  if (end === 'done') return;
  if (end === 'gone') return store.release(message.id, lease);
  const round = message.rounds + 1;
  const pauseS = end.worthRetrying
    ? pauseBeforeRound({ round, hasDeadline: message.hasDeadline, random: options.random })
    : undefined;
  if (pauseS !== undefined) return store.postpone(message.id, lease, pauseS, end.errorClass);
  logger.error({ id: message.id, channel: message.channel, errorClass: end.errorClass }, 'a message is dead');
  return store.bury(message.id, lease, end.errorClass);
}

function prepareAll(
  senders: Sender[],
  content: MessageContent,
  logger: Logger,
): Map<string, PreparedMessage> {
  const prepared = new Map<string, PreparedMessage>();
  for (const sender of senders) {
    try {
      prepared.set(sender.name, sender.prepare(content));
    } catch (error) {
      if (!(error instanceof UnsendableText)) throw error;
      logger.error(
        { err: error, id: content.id, provider: sender.name },
        'a template makes no sendable text',
      );
    }
  }
  return prepared;
}

interface WaysOut {
  senders: Sender[];
  prepared: Map<string, PreparedMessage>;
}

/** `gone`: the lease or the deadline is, or the process stops; whoever finds the message goes on. */
type End = 'done' | 'gone' | { worthRetrying: boolean; errorClass: string };

async function trySenders(
  options: SendMessageOptions,
  message: ClaimedMessage,
  lease: string,
  { senders, prepared }: WaysOut,
): Promise<End> {
  const { store } = options;
  const attempts = [...message.attempts];
  const skipped = new Set<string>();
  const [round, replay] = [message.rounds + 1, message.replays];
  let errorClass = 'circuit-open';
  for (;;) {
    const step = nextStep({ messageId: message.id, round, replay, attempts, providers: senders, skipped });
    if (step.kind === 'exhausted') return { worthRetrying: step.worthRetrying, errorClass };
    const sender = senders.find(({ name }) => name === step.provider);
    const ready = prepared.get(step.provider);
    if (!sender || !ready) throw new Error(`no sender ${step.provider}`);
    if (step.pause && !(await options.pause(UNCLEAR_PAUSE))) return 'gone';
    const number = attempts.length + 1;
    const { providerMessageId } = step;
    const place = { number, replay, round, provider: sender.name, providerMessageId };
    // Begun inside the guard: a call that an open circuit prevents is no attempt.
    let begun = true;
    const started = options.monotonicNow();
    const outcome = await options.guard(sender.circuit, async () => {
      const { segments, cost } = ready;
      const permit = await store.begin(message.id, lease, { ...place, segments, cost });
      begun = permit !== undefined;
      if (!permit) return { outcome: 'refused' };
      return ready.send(
        providerMessageId,
        AbortSignal.timeout(Math.min(sender.timeoutMs, permit.remainingMs)),
      );
    });
    if (!begun) return 'gone';
    if (!outcome) {
      skipped.add(sender.name);
      continue;
    }
    await record(options, message, number, outcome, options.monotonicNow() - started);
    options.count({ channel: message.channel, provider: sender.name, outcome: outcome.outcome });
    if (outcome.outcome === 'accepted') return 'done';
    errorClass = outcome.errorClass ?? outcome.outcome;
    const status: AttemptStatus = outcome.outcome;
    attempts.push({ ...place, status, temporary: outcome.temporary ?? false });
  }
}

async function record(
  { store, pause }: SendMessageOptions,
  { id }: ClaimedMessage,
  number: number,
  { outcome, temporary, status, reference, errorClass }: Outcome,
  latencyMs: number,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await store.record(id, number, {
        status: outcome,
        temporary: temporary ?? false,
        providerStatus: status,
        reference,
        errorClass,
        latencyMs,
      });
    } catch (error) {
      if (tries === RECORD_TRIES || !(await pause(1000))) throw error;
    }
  }
}
