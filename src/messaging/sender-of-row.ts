import type { z } from 'zod';
import { type Configuration, type Credentials, UnusableConfiguration } from '../configurations/index.js';
import { createEsms, esmsCredentialSchema, esmsSchema } from './providers/esms.js';
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

export interface RowSenderOptions {
  credentials: Credentials;
  transports: SmtpTransports;
  /** For hosts that a merchant has named. */
  resolvePublicHost: ResolveHost;
  now: () => number;
  /** Where eSMS reports what became of one message. */
  esmsReportUrl: (providerMessageId: string) => string;
}

/** The sender that a row of one of our codes stands for. @throws UnusableConfiguration */
export function senderOfRow(options: RowSenderOptions, row: Configuration<unknown>): Sender {
  if (row.code === 'SMS_VNPAY') return vnpaySender(options, fitting(row, vnpaySchema));
  if (row.code === 'SMS_ESMS') return esmsSender(options, fitting(row, esmsSchema));
  if (row.code === 'MAIL_SMTP') return mailSender(options, fitting(row, smtpSchema));
  throw new UnusableConfiguration(row, 'sends nothing');
}

function fitting<Schema extends z.ZodType>(
  row: Configuration<unknown>,
  schema: Schema,
): Configuration<z.infer<Schema>> {
  const parsed = schema.safeParse(row.data);
  if (!parsed.success) throw new UnusableConfiguration(row, 'the data does not fit');
  return { ...row, data: parsed.data };
}

export function vnpaySender(
  options: RowSenderOptions,
  row: Configuration<z.infer<typeof vnpaySchema>>,
): Sender {
  const credential = options.credentials.open(row, vnpayCredentialSchema);
  return sms(options, row, (lookup) =>
    createVnpay({ settings: row.data, credential, now: options.now, lookup }),
  );
}

export function esmsSender(
  options: RowSenderOptions,
  row: Configuration<z.infer<typeof esmsSchema>>,
): Sender {
  const credential = options.credentials.open(row, esmsCredentialSchema);
  return sms(options, row, (lookup) =>
    createEsms({ settings: row.data, credential, reportUrl: options.esmsReportUrl, lookup }),
  );
}

type Lookup = ReturnType<typeof pinnedLookup> | undefined;
type SmsRow = Configuration<z.infer<typeof vnpaySchema> | z.infer<typeof esmsSchema>>;

/** A merchant's gateway address is resolved and pinned for each call; the platform's is its operators' affair. */
function sms(options: RowSenderOptions, row: SmsRow, build: (lookup: Lookup) => SmsProvider): Sender {
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

export function mailSender(options: RowSenderOptions, row: Configuration<SmtpSettings>): Sender {
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
