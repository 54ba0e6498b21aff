import { z } from 'zod';
import { smsTemplatesSchema } from '../templates/sms-templates.js';

const statuses = z.array(z.string().max(32)).max(100);

/** VND: a price that nobody has set must not open the ceiling. */
export const PRICE_UNKNOWN_VND = 500;

/** What every SMS provider's settings hold. */
export const commonSmsSettings = {
  url: z.url({ protocol: /^https?$/ }),
  /** VND for one part. Not free unless said: the spend ceiling counts by it. */
  pricePerSegment: z.number().int().min(0).max(100_000).default(PRICE_UNKNOWN_VND),
  /** Milliseconds for one call: three calls and a pause fit into ten seconds. */
  timeoutMs: z.number().int().min(100).max(3000).default(2500),
  templates: smsTemplatesSchema.optional(),
  /** The domain in a code's last line (O8); only where the carriers take # and @ in this brandname's texts. */
  codeDomain: z.hostname().optional(),
};

export const statusMap = (accepted: string[], refused: string[]) =>
  z.strictObject({ accepted: statuses.default(accepted), refused: statuses.default(refused) }).prefault({});

/** A brandname: eleven characters, none that carriers refuse. */
export const brandname = z.string().regex(/^[A-Za-z0-9 ._-]{1,11}$/);
