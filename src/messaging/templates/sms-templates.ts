import Mustache from 'mustache';
import { z } from 'zod';
import type { MessageContent } from '../message.js';
import { toSmsText } from './sms-text.js';
import { NOTICES } from './variables.js';

const text = z.string().min(1).max(320);
const both = z.strictObject({ vi: text, en: text });
/** The code comes first, so that it shows in a notification and nothing can stand before it. */
const otpText = text.startsWith('{{code}} ', { error: 'must begin with {{code}}' });
const linkText = text.includes('{{link}}', { error: 'must hold {{link}}' });

/** The texts as they are registered with the carriers for a brandname; those not given are the defaults. */
export const smsTemplatesSchema = z
  .strictObject({
    otp: z.strictObject({ vi: otpText, en: otpText }),
    'account-exists': both,
    invitation: z.strictObject({ vi: linkText, en: linkText }),
    ...Object.fromEntries(NOTICES.map((notice) => [notice, both])),
  })
  .partial();

type SmsTemplates = Partial<Record<string, { vi: string; en: string }>>;

const DEFAULTS: SmsTemplates = {
  otp: {
    vi: '{{code}} la ma xac thuc cua ban, het han sau {{minutes}} phut. Khong chia se ma nay voi bat ky ai.',
    en: '{{code}} is your verification code. It expires in {{minutes}} minutes. Never share it with anybody.',
  },
  'account-exists': {
    vi: 'So dien thoai nay da co tai khoan. Hay dang nhap, hoac dat lai mat khau neu ban quen.',
    en: 'This number already has an account. Please sign in, or reset your password if you forgot it.',
  },
  invitation: {
    vi: 'Ban co loi moi tham gia cua hang, het han sau 7 ngay: {{link}}',
    en: 'You are invited to join a shop, for 7 days: {{link}}',
  },
  'new-device': {
    vi: 'Tai khoan cua ban vua dang nhap tren mot thiet bi moi. Neu khong phai ban, hay doi mat khau ngay.',
    en: 'Your account was signed in to on a new device. If this was not you, change your password now.',
  },
  'password-changed': {
    vi: 'Mat khau cua ban vua duoc thay doi. Neu khong phai ban, hay dat lai mat khau ngay.',
    en: 'Your password was changed. If this was not you, reset your password now.',
  },
  'phone-changed': {
    vi: 'So dien thoai cua tai khoan vua duoc thay doi. Neu khong phai ban, hay lien he voi chung toi ngay.',
    en: 'The phone number of your account was changed. If this was not you, contact us now.',
  },
  'email-changed': {
    vi: 'E-mail cua tai khoan vua duoc thay doi. Neu khong phai ban, hay lien he voi chung toi ngay.',
    en: 'The e-mail address of your account was changed. If this was not you, contact us now.',
  },
};

/**
 * The text of an SMS. Only the code, the minutes and a link of ours reach it: nothing that a person has typed.
 * @param domain adds the line by which phones fill a code in
 * @throws UnsendableText
 */
export function renderSms(
  content: Pick<MessageContent, 'template' | 'language' | 'variables' | 'secret'>,
  options: { templates?: SmsTemplates | undefined; domain?: string | undefined },
): string {
  const { template, language, variables, secret } = content;
  const name = template === 'security-notice' ? (variables.event ?? '') : template;
  const source = (options.templates?.[name] ?? DEFAULTS[name])?.[language] ?? '';
  const { code = '' } = secret;
  const link = template === 'invitation' ? secret.link : '';
  const view = { code, link, minutes: variables.minutes ?? '' };
  const rendered = Mustache.render(source, view, {}, { escape: String });
  const { domain } = options;
  return toSmsText(rendered, domain !== undefined && code !== '' ? `@${domain} #${code}` : undefined);
}
