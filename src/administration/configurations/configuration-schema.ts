import { z } from 'zod';
import { CODES } from './codes.js';

/** Data and credentials are small; a row is read at every message. */
const LONGEST = 16_384;

export const configurationId = z.string().regex(/^[A-Za-z0-9][\w.:-]{0,127}$/);
export const merchantId = z.string().regex(/^\d{1,20}$/);
const object = z.record(z.string(), z.unknown()).refine((value) => JSON.stringify(value).length <= LONGEST, {
  error: `is longer than ${LONGEST} characters`,
});
const data = object.describe('By the code’s JSON Schema in docs/configurations.md; taken whole');
const credential = object
  .nullable()
  .describe('By the code’s JSON Schema; sealed, and never answered. null takes it away');
const status = z.enum(['ACTIVE', 'SUSPENDED']).describe('A suspended one is as if it were not there');

export const draftSchema = z.strictObject({
  code: z.enum(CODES),
  merchantId: merchantId.nullable().default(null).describe('null: the platform’s'),
  data,
  credential: credential.optional(),
  status: status.default('ACTIVE'),
});
export type ConfigurationDraft = z.infer<typeof draftSchema>;

export const changeSchema = z
  .strictObject({ data: data.optional(), credential: credential.optional(), status: status.optional() })
  .refine((said) => Object.keys(said).length > 0, { error: 'must name a field' });
export type ConfigurationChange = z.infer<typeof changeSchema>;

export const configurationSchema = z.object({
  id: z.string(),
  code: z.string(),
  merchantId: z.string().nullable().describe('null: the platform’s'),
  data: z.unknown(),
  credential: z.enum(['set', 'unset']),
  status: z.string(),
  createdAt: z.iso.datetime({ offset: true }),
  modifiedAt: z.iso.datetime({ offset: true }),
});

export const trialSchema = z.object({
  ok: z.boolean().describe('Whether the provider has accepted it'),
  errorClass: z
    .string()
    .optional()
    .describe(
      'A word of ours, such as `authentication`, `unreachable`, `refused`; never what the provider said',
    ),
});
