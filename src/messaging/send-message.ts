import type { Logger } from '../telemetry/logger.js';
import type { MessageContent } from './message.js';
import { type ClaimedMessage, LEASE_S, type MessageStore } from './message-store.js';
import { type PreparedMessage, type Sender, UnsendableText } from './providers/sender.js';
import { pauseBeforeRound } from './retry-policy.js';
import type { SealedMessage } from './sealed-message.js';
import { type TrySendersOptions, trySenders } from './try-senders.js';

export interface SendMessageOptions extends TrySendersOptions {
  store: MessageStore;
  sealed: SealedMessage;
  /** The ways out in their order; none: the channel is not configured. */
  sendersFor(message: Pick<ClaimedMessage, 'channel' | 'merchantId'>): Promise<Sender[]>;
  /** Goes on with the trace of whoever promised the message. */
  resume?: (message: ClaimedMessage, work: () => Promise<void>) => Promise<void>;
  newLease: () => string;
  random: () => number;
  logger: Logger;
}

/**
 * Sends one message, as far as it goes now. Everything that decides is in the row and its attempts, so it may be
 * called twice, at once, or after a kill at any line (D7).
 */
export function createSendMessage(options: SendMessageOptions): (id: string) => Promise<void> {
  const { store, newLease, logger } = options;
  const resume = options.resume ?? ((_message, work) => work());
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
      await resume(message, () =>
        message.isLate ? store.expire(id, lease) : sendClaimed(options, message, lease),
      );
    } catch (error) {
      logger.error({ err: error, id }, 'a message could not be worked on');
      await putOff(options, message, lease, 'internal');
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
  const senders = await options.sendersFor(message);
  if (senders.length === 0) return bury(options, message, lease, 'not-configured');
  const content: MessageContent = {
    ...message,
    ...sealed.openContent(message.id, message.sealedContent),
    secret: message.sealedSecret === null ? {} : sealed.openSecret(message.id, message.sealedSecret),
  };
  const prepared = prepareAll(senders, content, logger);
  const usable = senders.filter(({ name }) => prepared.has(name));
  if (usable.length === 0) return bury(options, message, lease, 'unsendable-text');
  const end = await trySenders(options, message, lease, { senders: usable, prepared });
  if (end === 'done') return;
  if (end === 'gone') return store.release(message.id, lease);
  if (end.worthRetrying) return putOff(options, message, lease, end.errorClass);
  return bury(options, message, lease, end.errorClass);
}

/** To a later round, as long as there is one. */
async function putOff(
  options: SendMessageOptions,
  message: ClaimedMessage,
  lease: string,
  errorClass: string,
): Promise<void> {
  const { rounds, hasDeadline } = message;
  const pauseS = pauseBeforeRound({ round: rounds + 1, hasDeadline, random: options.random });
  if (pauseS === undefined) return bury(options, message, lease, errorClass);
  return options.store.postpone(message.id, lease, pauseS, errorClass);
}

function bury(
  { store, logger }: SendMessageOptions,
  { id, channel }: ClaimedMessage,
  lease: string,
  errorClass: string,
): Promise<void> {
  logger.error({ id, channel, errorClass }, 'a message is dead');
  return store.bury(id, lease, errorClass);
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
