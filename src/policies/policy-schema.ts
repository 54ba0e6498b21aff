import { z } from 'zod';
import { merchantDomain } from './policy-domain.js';
import { ACTIONS, VARIANTS } from './policy-row.js';

/** Ids and names: nothing that anything could take for a pattern, a list or an end of line. */
export const plainId = z.string().regex(/^[A-Za-z0-9][\w.:-]{0,127}$/);
export const typeName = z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,31}$/);
const domainType = z.enum(['Platform', 'Organizer', 'Merchant']);
const NAME = /^(?:Platform|(?:Organizer|Merchant)_[A-Za-z0-9][\w.:-]{0,127})$/;
const BARE_ID = /^\d{1,20}$/;

/** `Platform`, `Organizer_<id>`, `Merchant_<id>`, a merchant's bare id, or `{ type, id }`; read as the first three. */
export const domainSchema = z.union([
  z.string().regex(NAME),
  z.string().regex(BARE_ID).transform(merchantDomain),
  z
    .strictObject({ type: z.enum(['Organizer', 'Merchant']), id: plainId })
    .transform(({ type, id }) => `${type}_${id}`),
]);

export const actionSchema = z.enum(ACTIONS);
export const objectSchema = z.union([plainId, z.literal('*')]);
const effect = z.enum(['allow', 'deny']);
const metadata = z.record(z.string(), z.unknown()).refine((value) => JSON.stringify(value).length <= 4096, {
  error: 'is longer than 4096 characters of JSON',
});

/** What of a row may be changed; what it is about is another row. Null takes a value away. */
const changeable = {
  action: actionSchema.nullable().optional(),
  effect: effect.nullable().optional(),
  domain: domainSchema.nullable().optional(),
  domainType: domainType.nullable().optional(),
  domainId: plainId.nullable().optional(),
  metadata: metadata.nullable().optional(),
};

export const draftSchema = z.strictObject({
  variant: z.enum(VARIANTS),
  subjectType: typeName,
  subjectId: plainId,
  targetType: typeName,
  targetId: plainId,
  ...changeable,
});
export type PolicyDraft = z.infer<typeof draftSchema>;

export const changeSchema = z.strictObject(changeable);
export type PolicyChangeDraft = z.infer<typeof changeSchema>;

/** A row as it is answered: its columns in camel case. */
export const policySchema = z.object({
  id: z.string(),
  variant: z.string(),
  subjectType: z.string(),
  subjectId: z.string(),
  targetType: z.string(),
  targetId: z.string(),
  action: z.string().nullable(),
  effect: z.string().nullable(),
  domain: z.string().nullable(),
  domainType: z.string().nullable(),
  domainId: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()).nullable(),
  origin: z.string(),
  createdAt: z.iso.datetime({ offset: true }),
  modifiedAt: z.iso.datetime({ offset: true }),
});

export const permissionSchema = z.object({
  domain: z.string(),
  object: z.string(),
  actions: z.array(z.string()),
});

export const dryRunSchema = z.object({
  grants: z.array(permissionSchema).describe('What the row’s subject could do that it can’t now'),
  takes: z.array(permissionSchema).describe('What it can do now and could not any more'),
  isWhole: z.boolean().describe('Whether nothing was left out of the two'),
  reaches: z
    .enum(['subject', 'role', 'domain', 'everybody'])
    .describe('Whom else it concerns; `grants` and `takes` tell of the subject alone'),
});
