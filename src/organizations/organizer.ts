import { z } from 'zod';
import { oneLine } from '../http/text-patterns.js';

/** One line that people read, such as a shop's name; it stands in mails, so nothing that would make a link or mark-up. */
export const placeName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(oneLine('<>"%$^\\\\|=[\\]{}'))
  .refine((name) => !/:\/\/|www\./i.test(name), { error: 'must not look like an address' });

export const placeStatus = z.enum(['ACTIVE', 'SUSPENDED']);
const moment = z.iso.datetime({ offset: true });

export const organizerSchema = z.object({
  id: z.string(),
  tenantId: z.string(),
  name: z.string(),
  status: placeStatus,
  createdAt: moment,
  modifiedAt: moment,
});
export type Organizer = z.infer<typeof organizerSchema>;

export const merchantSchema = z.object({
  id: z.string(),
  organizerId: z.string(),
  name: z.string(),
  status: placeStatus,
  createdAt: moment,
  modifiedAt: moment,
});
export type Merchant = z.infer<typeof merchantSchema>;

/** What may be changed of either. */
export const placeChange = z
  .strictObject({ name: placeName.optional(), status: placeStatus.optional() })
  .refine((said) => Object.keys(said).length > 0, { error: 'must name a field' });
export type PlaceChange = z.infer<typeof placeChange>;

const times = `to_jsonb(created_at) #>> '{}' AS "createdAt", to_jsonb(modified_at) #>> '{}' AS "modifiedAt"`;
/** Select an Organizer, a Merchant. */
export const ORGANIZER = `id, tenant_id AS "tenantId", name, status, ${times}`;
export const MERCHANT = `id, organizer_id AS "organizerId", name, status, ${times}`;
