import { z } from 'zod';
import { printableText } from '../http/text-patterns.js';

/** Control characters have no place in a name, and PostgreSQL can't even be asked for a NUL. */
export const identifierValue = z
  .string()
  .min(1)
  .max(320)
  .regex(printableText(), { error: 'must be a printable text' });

export const clientIdSchema = z.string().regex(/^[\w.-]{1,64}$/);
