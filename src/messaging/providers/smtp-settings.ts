import { z } from 'zod';
import { oneLine } from '../../http/text-patterns.js';

/** The ports of mail submission: a merchant's host on another port is not a mail server. */
const SUBMISSION_PORTS = [465, 587, 2525];

/** Code `MAIL_SMTP`: the platform's mail server, or a merchant's own. */
export const smtpSchema = z.strictObject({
  host: z.union([z.hostname(), z.ipv4(), z.ipv6()]),
  port: z.number().int().min(1).max(65_535),
  /** `tls` from the first byte (465), `starttls` before anything is said; `none` for the platform's own network alone. */
  security: z.enum(['tls', 'starttls', 'none']).default('starttls'),
  from: z.email().max(254),
  /** Shown as sender and in the texts; on one line. */
  brand: z.string().min(1).max(64).regex(oneLine('<>"')),
});

/** A merchant's mail goes out encrypted, to a submission port. */
export const merchantSmtpSchema = smtpSchema.extend({
  port: smtpSchema.shape.port.refine((port) => SUBMISSION_PORTS.includes(port), {
    error: `must be one of ${SUBMISSION_PORTS.join(', ')}`,
  }),
  security: z.enum(['tls', 'starttls']).default('starttls'),
});

export const smtpCredentialSchema = z.strictObject({
  user: z.string().min(1).max(256),
  pass: z.string().min(1).max(1024),
});

export type SmtpSettings = z.infer<typeof smtpSchema>;
export type SmtpCredential = z.infer<typeof smtpCredentialSchema>;
