import type { LookupFunction } from 'node:net';
import { z } from 'zod';
import { postJson } from './post-json.js';
import { field, readAnswer } from './read-answer.js';
import type { SmsProvider } from './sms-provider.js';
import { brandname, commonSmsSettings, statusMap } from './sms-settings.js';

/** 124 says that this RequestId was taken before: the message is accepted. */
const ACCEPTED = ['100', '124'];
const REFUSED = ['99', '101', '103', '104', '108', '140', '146', '177'];

export const esmsSchema = z.strictObject({
  ...commonSmsSettings,
  url: commonSmsSettings.url.default(
    'https://rest.esms.vn/MainService.svc/json/SendMultipleMessage_V4_post_json/',
  ),
  brandname,
  smsType: z.enum(['2', '8']).default('2'),
  sandbox: z.boolean().default(false),
  reports: z.boolean().default(true).describe('Whether eSMS is asked to report what became of a message'),
  statuses: statusMap(ACCEPTED, REFUSED),
});

export const esmsCredentialSchema = z.strictObject({
  apiKey: z.string().min(1).max(256),
  secretKey: z.string().min(1).max(256),
});

/** Code `SMS_ESMS`: eSMS/ViHAT (facts §8). It remembers a RequestId for 24 hours. */
export function createEsms(options: {
  settings: z.infer<typeof esmsSchema>;
  credential: z.infer<typeof esmsCredentialSchema>;
  /** The address for reports of one message. */
  reportUrl: (messageId: string) => string;
  lookup?: LookupFunction | undefined;
}): SmsProvider {
  const { settings, credential, reportUrl, lookup } = options;
  return {
    name: 'esms',
    async send({ messageId, to, text, signal }) {
      const body = {
        ApiKey: credential.apiKey,
        SecretKey: credential.secretKey,
        Phone: to.slice(1),
        Content: text,
        Brandname: settings.brandname,
        SmsType: settings.smsType,
        IsUnicode: '0',
        Sandbox: settings.sandbox ? '1' : '0',
        RequestId: messageId,
        ...(settings.reports ? { CallbackUrl: reportUrl(messageId) } : {}),
      };
      const answer = await postJson({ url: settings.url, body, signal, lookup });
      return readAnswer(answer, settings.statuses, (json) => ({
        status: field(json, 'CodeResult'),
        reference: field(json, 'SMSID') || undefined,
      }));
    },
  };
}
