import { z } from 'zod';

/** What an administrator may make of somebody; `DISABLED` and `DELETED` are Keycloak's words. */
export const userStatus = z.enum(['ACTIVE', 'SUSPENDED']);
export type UserStatus = z.infer<typeof userStatus>;

const moment = z.iso.datetime({ offset: true });

export const userSchema = z.object({
  id: z.string(),
  username: z.string(),
  displayName: z.string(),
  email: z.string().nullable(),
  emailVerified: z.boolean(),
  phone: z.string().nullable(),
  phoneVerified: z.boolean(),
  status: z.enum(['ACTIVE', 'SUSPENDED', 'DISABLED', 'DELETED']),
  createdAt: moment,
  lastLoginAt: moment.nullable(),
});
export type User = z.infer<typeof userSchema>;

/** Selects a User. */
export const USER = `id, username, display_name AS "displayName", email, email_verified AS "emailVerified", phone,
  phone_verified AS "phoneVerified", status, to_jsonb(created_at) #>> '{}' AS "createdAt",
  to_jsonb(last_login_at) #>> '{}' AS "lastLoginAt"`;
