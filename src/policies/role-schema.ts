import { z } from 'zod';
import { printableText } from '../http/text-patterns.js';
import { actionSchema, plainId } from './policy-schema.js';

/** One line that people read. */
const line = (longest: number) =>
  z.string().trim().min(1).max(longest).regex(printableText(), { error: 'must not hold control characters' });

const status = z.enum(['ACTIVE', 'SUSPENDED']);

/** The number before the name is the role's priority: two ways to say it would be one too many. */
export const newRoleSchema = z.strictObject({
  identifier: z.string().regex(/^\d{3}_[a-z0-9-]{1,60}$/),
  name: line(100),
  description: line(500).nullable().optional(),
});
export type NewRole = z.infer<typeof newRoleSchema>;

export const roleChangeSchema = z
  .strictObject({
    name: line(100).optional(),
    description: line(500).nullable().optional(),
    status: status.optional(),
  })
  .refine((said) => Object.keys(said).length > 0, { error: 'must name a field' });
export type RoleChange = z.infer<typeof roleChangeSchema>;

export const roleSchema = z.object({
  id: z.string(),
  identifier: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  priority: z.int(),
  status,
  fixed: z.boolean().describe('Whether the platform itself relies on it; then nothing about it changes'),
});
export type Role = z.infer<typeof roleSchema>;

/** A kind of thing, never `*`: nobody names by accident everything that there will be. */
export const newPermissionSchema = z.strictObject({
  code: plainId,
  name: line(100),
  subject: plainId,
  action: actionSchema,
  scope: line(100).nullable().optional(),
});
export type NewPermission = z.infer<typeof newPermissionSchema>;

export const permissionRowSchema = z.object({
  id: z.string(),
  code: z.string(),
  name: z.string(),
  subject: z.string(),
  action: z.string(),
  scope: z.string().nullable(),
});
export type Permission = z.infer<typeof permissionRowSchema>;
