import {
  type Configuration,
  type ReadConfiguration,
  UnusableConfiguration,
} from '../configurations/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { Channel } from './message.js';
import { esmsSchema } from './providers/esms.js';
import { createInboxSms } from './providers/inbox.js';
import type { Sender } from './providers/sender.js';
import { smsSender } from './providers/sms-sender.js';
import { smtpSender } from './providers/smtp-sender.js';
import { type SmtpSettings, smtpSchema } from './providers/smtp-settings.js';
import { vnpaySchema } from './providers/vnpay.js';
import { esmsSender, mailSender, type RowSenderOptions, senderOfRow, vnpaySender } from './sender-of-row.js';

export interface SendersOptions extends RowSenderOptions {
  readConfiguration: ReadConfiguration;
  /** Instead of every provider, on a developer's machine. */
  devInbox?: { url: string; smtpUrl: string } | undefined;
  logger: Logger;
}

export interface Senders {
  /** The ways out for a message, in the order in which they are tried; one that can't be used refuses. */
  sendersFor(message: { channel: Channel; merchantId: string | null }): Promise<Sender[]>;
  /** Whether the channel is configured for this merchant. */
  canSend(channel: Channel, merchantId: string | null): Promise<boolean>;
  /** The way out by this row, in use or not, and not to a developer's inbox. @throws UnusableConfiguration */
  senderOf(row: Configuration<unknown>): Sender;
}

/** Whose settings: the merchant's own row of a code, else the platform's. */
export function createSenders(options: SendersOptions): Senders {
  const { readConfiguration, devInbox } = options;
  const waysOut = async (channel: Channel, merchantId: string | null): Promise<WayOut[]> => {
    if (devInbox) {
      const sender =
        channel === 'sms' ? inboxSmsSender(devInbox.url) : inboxMailSender(options, devInbox.smtpUrl);
      return [{ sender, isUsable: true }];
    }
    if (channel === 'mail') {
      const smtp = await readConfiguration('MAIL_SMTP', merchantId, smtpSchema);
      return smtp ? [orRefuse(options, 'smtp', smtp, () => mailSender(options, smtp))] : [];
    }
    const [vnpay, esms] = await Promise.all([
      readConfiguration('SMS_VNPAY', merchantId, vnpaySchema),
      readConfiguration('SMS_ESMS', merchantId, esmsSchema),
    ]);
    return [
      ...(vnpay ? [orRefuse(options, 'vnpay', vnpay, () => vnpaySender(options, vnpay))] : []),
      ...(esms ? [orRefuse(options, 'esms', esms, () => esmsSender(options, esms))] : []),
    ];
  };
  return {
    sendersFor: async ({ channel, merchantId }) =>
      (await waysOut(channel, merchantId)).map(({ sender }) => sender),
    canSend: async (channel, merchantId) =>
      (await waysOut(channel, merchantId)).some(({ isUsable }) => isUsable),
    senderOf: (row) => senderOfRow(options, row),
  };
}

interface WayOut {
  sender: Sender;
  isUsable: boolean;
}

/** A row that cannot be used stands in the ledger as a refusal, and the next provider has its turn. */
function orRefuse(
  { logger }: SendersOptions,
  name: string,
  row: Configuration<unknown>,
  build: () => Sender,
): WayOut {
  try {
    return { sender: build(), isUsable: true };
  } catch (error) {
    if (!(error instanceof UnusableConfiguration)) throw error;
    logger.error({ err: error }, 'a provider cannot be used');
    return { sender: refusingSender(name, row.id), isUsable: false };
  }
}

const refusingSender = (name: string, circuit: string): Sender => ({
  name,
  circuit,
  timeoutMs: 1000,
  unclearAtMost: 1,
  unclearAgain: 'next-round',
  prepare: () => ({
    segments: 1,
    cost: 0,
    send: async () => ({ outcome: 'refused', errorClass: 'configuration' }),
  }),
});

const inboxSmsSender = (url: string): Sender =>
  smsSender(createInboxSms(url), { circuit: 'inbox', timeoutMs: 2500, pricePerSegment: 0 });

function inboxMailSender({ transports }: SendersOptions, smtpUrl: string): Sender {
  const { hostname, port } = new URL(smtpUrl);
  const settings: SmtpSettings = {
    host: hostname,
    port: Number(port || 25),
    security: 'none',
    from: 'no-reply@nx.localhost',
    brand: 'NX',
  };
  const open = () => transports.open(settings, undefined, async (host) => host);
  return smtpSender({ open, circuit: 'inbox-smtp', from: settings.from, brand: settings.brand });
}
