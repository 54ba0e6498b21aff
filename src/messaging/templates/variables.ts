import { z } from 'zod';
import { oneLine } from '../../http/text-patterns.js';

const code = z.string().regex(/^\d{4,10}$/);
const minutes = z.string().regex(/^\d{1,4}$/);
/** A line that people read; what it may do to HTML is the template's affair, what it may do to headers is ended here. */
const line = z.string().max(200).regex(oneLine());
const link = z.url({ protocol: /^https?$/ }).max(2000);

export const NOTICES = ['new-device', 'password-changed', 'phone-changed', 'email-changed'] as const;

/** What each template is given: nothing else, and nothing less. */
export const templateSchemas = {
  otp: {
    sms: { variables: z.strictObject({ minutes }), secret: z.strictObject({ code }) },
    mail: { variables: z.strictObject({ minutes }), secret: z.strictObject({ code }) },
  },
  'account-exists': {
    sms: { variables: z.strictObject({}), secret: z.strictObject({}) },
    mail: { variables: z.strictObject({}), secret: z.strictObject({}) },
  },
  'security-notice': {
    sms: {
      variables: z.strictObject({ event: z.enum(NOTICES), at: line.optional(), where: line.optional() }),
      secret: z.strictObject({ link: link.optional() }),
    },
    mail: {
      variables: z.strictObject({ event: z.enum(NOTICES), at: line.optional(), where: line.optional() }),
      secret: z.strictObject({ link: link.optional() }),
    },
  },
  invitation: {
    sms: { variables: z.strictObject({}), secret: z.strictObject({ link }) },
    mail: { variables: z.strictObject({ organizer: line.min(1) }), secret: z.strictObject({ link }) },
  },
  /** A mail that somebody else has written, such as Keycloak: sealed as a whole. */
  rendered: {
    mail: {
      variables: z.strictObject({}),
      secret: z.strictObject({
        subject: line.min(1),
        text: z.string().max(200_000),
        html: z.string().max(400_000).optional(),
      }),
    },
  },
} as const;

export type TemplateName = keyof typeof templateSchemas;
