import { esmsCredentialSchema, esmsSchema } from './providers/esms.js';
import { merchantSmtpSchema, smtpCredentialSchema, smtpSchema } from './providers/smtp-settings.js';
import { vnpayCredentialSchema, vnpaySchema } from './providers/vnpay.js';

/**
 * What a row of `Configuration` with one of these codes holds: its data (`merchantData`: stricter for a merchant's) and its
 * credential before it is sealed. `goesTo` names the fields that say to whom the credential is shown.
 */
export const messageConfigurations = {
  SMS_VNPAY: { channel: 'sms', data: vnpaySchema, credential: vnpayCredentialSchema, goesTo: ['url'] },
  SMS_ESMS: { channel: 'sms', data: esmsSchema, credential: esmsCredentialSchema, goesTo: ['url'] },
  MAIL_SMTP: {
    channel: 'mail',
    data: smtpSchema,
    merchantData: merchantSmtpSchema,
    credential: smtpCredentialSchema,
    /** The platform's own mail server may take mail from its network without one. */
    withoutCredential: 'platform',
    goesTo: ['host', 'port', 'security'],
  },
} as const;
