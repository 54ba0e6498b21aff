import { z } from 'zod';

/** Control characters have no place in a name, and PostgreSQL can't even be asked for a NUL. */
export const identifierValue = z
  .string()
  .min(1)
  .max(320)
  .refine((value) => !/\p{Cc}/u.test(value), { error: 'must be a printable text' })
  .meta({ pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]+$' });

export const clientIdSchema = z.string().regex(/^[\w.-]{1,64}$/);
