import { z } from 'zod';
import { oneLine } from '../../http/text-patterns.js';
import { redirectUri } from './redirect-uri.js';

export const clientId = z.string().regex(/^[a-z][a-z0-9-]{1,62}$/);
const name = z.string().min(1).max(100).regex(oneLine());
const redirectUris = z
  .array(redirectUri)
  .max(20)
  .refine((uris) => new Set(uris).size === uris.length, { error: 'names one twice' });
const status = z.enum(['ACTIVE', 'SUSPENDED']);
const merchantId = z
  .string()
  .regex(/^\d{1,20}$/)
  .nullable()
  .describe('Whose sender, texts and spending ceiling its messages have; null: the platform’s');

export const clientDraftSchema = z.strictObject({
  id: clientId.describe('What the app calls itself, as `clientId` and `client_id`'),
  name,
  merchantId: merchantId.default(null),
  redirectUris: redirectUris.default([]),
});
export type ClientDraft = z.infer<typeof clientDraftSchema>;

export const clientChangeSchema = z
  .strictObject({ name: name.optional(), redirectUris: redirectUris.optional(), status: status.optional() })
  .refine((said) => Object.keys(said).length > 0, { error: 'must name a field' });
export type ClientChange = z.infer<typeof clientChangeSchema>;

export const clientSchema = z.object({
  id: z.string(),
  name: z.string(),
  merchantId: z.string().nullable(),
  redirectUris: z.array(z.string()),
  status,
  createdAt: z.iso.datetime({ offset: true }),
  modifiedAt: z.iso.datetime({ offset: true }),
});
