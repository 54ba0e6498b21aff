import { z } from 'zod';
import type { Channel } from './message.js';

/** E.164 (ITU-T): a plus, no leading zero, fifteen digits at most. */
const phone = z.string().regex(/^\+[1-9]\d{7,14}$/);
/** RFC 5321 §4.5.3.1 bounds the parts; ASCII, no quoted local part, no comment, so nothing a header could end at. */
const mail = z
  .email()
  .max(254)
  .regex(/^[\x21-\x7e]+$/)
  .refine((address) => address.lastIndexOf('@') <= 64);

/** Whether a message can be addressed so: one recipient, without a name. */
export function isRecipient(channel: Channel, to: string): boolean {
  return (channel === 'sms' ? phone : mail).safeParse(to).success;
}

/** For operators: enough to recognise, too little to use. */
export function maskRecipient(channel: Channel, to: string): string {
  if (channel === 'sms') return `${to.slice(0, 3)}${'*'.repeat(Math.max(to.length - 6, 0))}${to.slice(-3)}`;
  const [local = '', domain = ''] = to.split('@');
  return `${local.slice(0, 1)}***@${domain}`;
}
