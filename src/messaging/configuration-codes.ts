import { esmsCredentialSchema, esmsSchema } from './providers/esms.js';
import { smtpCredentialSchema, smtpSchema } from './providers/smtp-settings.js';
import { vnpayCredentialSchema, vnpaySchema } from './providers/vnpay.js';

/** What a row of `Configuration` with one of these codes holds: its data, and its credential before it is sealed. */
export const messageConfigurations = {
  SMS_VNPAY: { data: vnpaySchema, credential: vnpayCredentialSchema },
  SMS_ESMS: { data: esmsSchema, credential: esmsCredentialSchema },
  MAIL_SMTP: { data: smtpSchema, credential: smtpCredentialSchema },
};
