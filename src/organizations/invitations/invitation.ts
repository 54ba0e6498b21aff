import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { plainId } from '../../policies/index.js';

const moment = z.iso.datetime({ offset: true });

export const invitationSchema = z.object({
  id: z.string(),
  organizerId: z.string(),
  merchantId: z.string().nullable().describe('null: at the organizer, and so at all its merchants'),
  roleId: z.string(),
  identifier: z.object({ scheme: z.enum(['email', 'phone']), value: z.string() }),
  status: z.enum(['PENDING', 'ACCEPTED', 'WITHDRAWN', 'EXPIRED']),
  invitedBy: z.string(),
  sentAt: moment,
  expiresAt: moment,
  memberId: z.string().nullable(),
});
export type Invitation = z.infer<typeof invitationSchema>;

export const newInvitationSchema = z.strictObject({
  organizerId: plainId,
  merchantId: plainId.nullable().default(null),
  roleId: plainId,
  identifier: z.strictObject({
    scheme: z.enum(['email', 'phone']),
    value: z
      .string()
      .min(1)
      .max(320)
      .regex(/^\P{Cc}+$/u)
      .meta({ pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]+$' }),
  }),
});
export type NewInvitation = z.infer<typeof newInvitationSchema>;

/** What lets somebody accept, of 128 bits: short enough for an SMS. The row knows its hash alone. */
export const newInvitationToken = (): string => randomBytes(16).toString('base64url');
export const hashInvitationToken = (token: string): string =>
  createHash('sha256').update(`invitation/${token}`).digest('base64url');
export const invitationToken = z.string().regex(/^[\w-]{22}$/);

/** Selects an Invitation; what nobody accepted in time is expired, whatever its row still says. */
export const INVITATION = `id, organizer_id AS "organizerId", merchant_id AS "merchantId", role_id AS "roleId",
  jsonb_build_object('scheme', scheme, 'value', value) AS identifier,
  CASE WHEN status = 'PENDING' AND expires_at < now() THEN 'EXPIRED' ELSE status END AS status,
  invited_by AS "invitedBy", to_jsonb(sent_at) #>> '{}' AS "sentAt", to_jsonb(expires_at) #>> '{}' AS "expiresAt",
  member_id AS "memberId"`;
