import { z } from 'zod';
import { merchantId } from './customer-schema.js';

/** What a page of customers is asked for with. */
export const listQuery = z.strictObject({
  merchantId,
  q: z
    .string()
    .max(200)
    .default('')
    .describe(
      'Words of a name without regard to accents, a code, an e-mail address, or a phone number in any spelling or in part',
    ),
  limit: z.coerce.number().int().min(1).max(200).default(20),
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
});
