import { z } from 'zod';

export const serviceId = z.string().regex(/^[\w-]{1,64}$/);
export const serviceName = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);
const description = z.string().max(500).nullable();
const audience = serviceName
  .nullable()
  .describe('The service that its tokens are for when it names none; may be itself');
const status = z.enum(['ACTIVE', 'SUSPENDED']);
const moment = z.iso.datetime({ offset: true });

export const serviceDraftSchema = z.strictObject({
  name: serviceName,
  description: description.optional(),
  defaultAudience: audience.optional(),
});
export type ServiceDraft = z.infer<typeof serviceDraftSchema>;

export const serviceChangeSchema = z
  .strictObject({
    description: description.optional(),
    defaultAudience: audience.optional(),
    status: status.optional(),
  })
  .refine((said) => Object.keys(said).length > 0, { error: 'must name a field' });
export type ServiceChange = z.infer<typeof serviceChangeSchema>;

export const grantDraftSchema = z.strictObject({
  call: z
    .string()
    .max(64)
    .regex(/^[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)*$/),
  merchantId: z
    .string()
    .regex(/^\d{1,20}$/)
    .nullable()
    .default(null)
    .describe('null: a call that is about no merchant'),
});
export type GrantDraft = z.infer<typeof grantDraftSchema>;

export const grantSchema = z.object({ id: z.string(), call: z.string(), merchantId: z.string().nullable() });

export const serviceSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  status,
  defaultAudience: z.string().nullable(),
  grants: z.array(grantSchema),
  createdAt: moment,
  modifiedAt: moment,
});

export const credentialDraftSchema = z.strictObject({
  expiresInDays: z.int().min(1).max(3650).optional().describe('Without it the credential does not expire'),
});
export type CredentialDraft = z.infer<typeof credentialDraftSchema>;

export const credentialSchema = z.object({
  id: z.string(),
  slot: z.int(),
  createdAt: moment,
  expiresAt: moment.nullable(),
  lastUsedAt: moment.nullable(),
  revokedAt: moment.nullable(),
});

export const newCredentialSchema = credentialSchema.extend({
  secret: z.string().describe('Shown this once: only its hash is kept'),
});
