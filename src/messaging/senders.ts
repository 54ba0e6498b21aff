import type { z } from 'zod';
import {
  type Configuration,
  type Credentials,
  type ReadConfiguration,
  UnusableConfiguration,
} from '../configurations/index.js';
import type { Logger } from '../telemetry/logger.js';
import type { Channel } from './message.js';
import { createEsms, esmsCredentialSchema, esmsSchema } from './providers/esms.js';
import { createInboxSms } from './providers/inbox.js';
import { pinnedLookup, RefusedAddress, type ResolveHost } from './providers/public-address.js';
import type { Sender } from './providers/sender.js';
import type { SmsProvider } from './providers/sms-provider.js';
import { smsSender } from './providers/sms-sender.js';
import { smtpSender } from './providers/smtp-sender.js';
import {
  merchantSmtpSchema,
  type SmtpSettings,
  smtpCredentialSchema,
  smtpSchema,
} from './providers/smtp-settings.js';
import type { SmtpTransports } from './providers/smtp-transports.js';
import { createVnpay, vnpayCredentialSchema, vnpaySchema } from './providers/vnpay.js';

export interface SendersOptions {
  readConfiguration: ReadConfiguration;
  credentials: Credentials;
  transports: SmtpTransports;
  /** Instead of every provider, on a developer's machine. */
  devInbox?: { url: string; smtpUrl: string } | undefined;
  /** For hosts that a merchant has named. */
  resolvePublicHost: ResolveHost;
  now: () => number;
  /** Where eSMS reports what became of one message. */
  esmsReportUrl: (providerMessageId: string) => string;
  logger: Logger;
}

export interface Senders {
  /** The ways out for a message, in the order in which they are tried; one that can't be used refuses. */
  sendersFor(message: { channel: Channel; merchantId: string | null }): Promise<Sender[]>;
  /** Whether the channel is configured for this merchant. */
  canSend(channel: Channel, merchantId: string | null): Promise<boolean>;
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

function vnpaySender(options: SendersOptions, row: Configuration<z.infer<typeof vnpaySchema>>): Sender {
  const credential = options.credentials.open(row, vnpayCredentialSchema);
  return sms(options, row, (lookup) =>
    createVnpay({ settings: row.data, credential, now: options.now, lookup }),
  );
}

function esmsSender(options: SendersOptions, row: Configuration<z.infer<typeof esmsSchema>>): Sender {
  const credential = options.credentials.open(row, esmsCredentialSchema);
  return sms(options, row, (lookup) =>
    createEsms({ settings: row.data, credential, reportUrl: options.esmsReportUrl, lookup }),
  );
}

type Lookup = ReturnType<typeof pinnedLookup> | undefined;
type SmsRow = Configuration<z.infer<typeof vnpaySchema> | z.infer<typeof esmsSchema>>;

/** A merchant's gateway address is resolved and pinned for each call; the platform's is its operators' affair. */
function sms(options: SendersOptions, row: SmsRow, build: (lookup: Lookup) => SmsProvider): Sender {
  const { url, timeoutMs, pricePerSegment, templates, codeDomain } = row.data;
  const own = build(undefined);
  const provider: SmsProvider =
    row.merchantId === null
      ? own
      : {
          name: own.name,
          async send(message) {
            try {
              const address = await options.resolvePublicHost(new URL(url).hostname);
              return await build(pinnedLookup(address)).send(message);
            } catch (error) {
              if (error instanceof RefusedAddress)
                return { outcome: 'refused', errorClass: 'address-refused' };
              return { outcome: 'unreachable', errorClass: 'unreachable' };
            }
          },
        };
  return smsSender(provider, { circuit: row.id, timeoutMs, pricePerSegment, templates, codeDomain });
}

function mailSender(options: SendersOptions, row: Configuration<SmtpSettings>): Sender {
  const { credentials, transports, resolvePublicHost } = options;
  const isMerchants = row.merchantId !== null;
  const credential =
    row.credential === null && !isMerchants ? undefined : credentials.open(row, smtpCredentialSchema);
  // The stricter rules come second, so that a merchant's mail that breaks them is refused, not sent as the platform's.
  const isPermitted = !isMerchants || merchantSmtpSchema.safeParse(row.data).success;
  const resolve = isMerchants ? resolvePublicHost : async (host: string) => host;
  const open = async () => {
    if (!isPermitted) throw new RefusedAddress();
    return transports.open(row.data, credential, resolve);
  };
  return smtpSender({ open, circuit: row.id, from: row.data.from, brand: row.data.brand });
}

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
