import type { LookupFunction } from 'node:net';
import { z } from 'zod';
import { parseNetwork } from '../../config/network.js';
import { postJson } from './post-json.js';
import { field, readAnswer } from './read-answer.js';
import type { SmsProvider } from './sms-provider.js';
import { brandname, commonSmsSettings, statusMap } from './sms-settings.js';

const fieldName = z.string().regex(/^\w{1,64}$/);
const statusList = z.array(z.string().max(32)).max(100);
const network = z
  .string()
  .max(64)
  .refine((text) => parseNetwork(text) !== undefined, { error: 'must be an address or a network' });

/** VNPAY publishes no specification: what integrators disagree about is a setting. */
export const vnpaySchema = z.strictObject({
  ...commonSmsSettings,
  partnerCode: z.string().min(1).max(64),
  sender: brandname,
  keyword: z.string().max(64).default(''),
  type: z.number().int().default(0),
  requestTimeUnit: z.enum(['s', 'ms']).default('s'),
  secretField: z.enum(['sercretKey', 'secretKey']).default('sercretKey'),
  destinationForm: z.enum(['84', '0']).default('84'),
  statuses: statusMap(['200', '0', '00'], []),
  reports: z
    .strictObject({
      addresses: z
        .array(network)
        .min(1)
        .max(50)
        .describe('Networks that reports come from; nothing else is listened to'),
      idField: fieldName.default('messageId'),
      statusField: fieldName.default('status'),
      delivered: statusList,
      undelivered: statusList,
    })
    .optional(),
});

export const vnpayCredentialSchema = z.strictObject({ secret: z.string().min(1).max(256) });

/** Code `SMS_VNPAY`: the brandname gateway (facts §1, §2). @param now milliseconds since 1970 */
export function createVnpay(options: {
  settings: z.infer<typeof vnpaySchema>;
  credential: z.infer<typeof vnpayCredentialSchema>;
  now: () => number;
  lookup?: LookupFunction | undefined;
}): SmsProvider {
  const { settings, credential, now, lookup } = options;
  return {
    name: 'vnpay',
    async send({ messageId, to, text, signal }) {
      const body = {
        messageId,
        destination: destinationOf(to, settings.destinationForm),
        sender: settings.sender,
        keyword: settings.keyword,
        shortMessage: text,
        encryptMessage: '',
        isEncrypt: 0,
        type: settings.type,
        requestTime: settings.requestTimeUnit === 's' ? Math.floor(now() / 1000) : now(),
        partnerCode: settings.partnerCode,
        [settings.secretField]: credential.secret,
      };
      const answer = await postJson({ url: settings.url, body, signal, lookup });
      return readAnswer(answer, settings.statuses, (json) => ({ status: field(json, 'status') }));
    },
  };
}

/** Only Vietnam's numbers have a form that begins with 0. */
const destinationOf = (to: string, form: '84' | '0') =>
  form === '0' && to.startsWith('+84') ? `0${to.slice(3)}` : to.slice(1);
