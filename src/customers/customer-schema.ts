import { z } from 'zod';
import { printableText } from '../http/text-patterns.js';

/** People's normaliser of phone numbers, which knows every spelling; undefined for what can't be one. */
export type ReadPhone = (text: string) => { e164: string } | undefined;

/** One line of text as it is kept: without what no keyboard writes, and without spaces around it. */
const line = (longest: number) =>
  z.string().trim().min(1).max(longest).regex(printableText(), { error: 'must not hold control characters' });

const note = z
  .string()
  .max(2000)
  .refine((text) => !/[^\P{Cc}\n\r\t]/u.test(text), { error: 'must not hold control characters' });

/** What a caller may say of a customer, one schema a value; the phone number comes out as E.164, in whatever spelling it went in. */
export function customerFields(readPhone: ReadPhone) {
  const phone = z
    .string()
    .max(60)
    .transform((text, context) => {
      const e164 = readPhone(text)?.e164;
      if (e164 !== undefined) return e164;
      context.addIssue({ code: 'custom', message: 'is no phone number' });
      return z.NEVER;
    });
  return {
    code: line(64),
    displayName: line(200),
    phone: phone.nullable(),
    email: z.email().max(254).toLowerCase().nullable(),
    birthday: z.iso
      .date()
      .refine((date) => date >= '1800-01-01', { error: 'must be after 1800' })
      .nullable(),
    note: note.nullable(),
    tags: z
      .array(line(40))
      .max(20)
      .transform((tags) => [...new Set(tags)]),
  };
}

/** For the merchant's id wherever a request names it: what could be no id is refused before anybody looks for it. */
export const merchantId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

export const customerSchema = z.object({
  id: z.string(),
  merchantId: z.string(),
  code: z.string(),
  displayName: z.string(),
  phone: z.string().optional().describe('E.164'),
  email: z.string().optional(),
  birthday: z.iso.date().optional(),
  note: z.string().optional(),
  tags: z.array(z.string()),
  version: z.int().describe('Counts changes; the `ETag` is it in quotes'),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
