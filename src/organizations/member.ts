import { z } from 'zod';
import { plainId } from '../policies/index.js';
import { placeStatus } from './organizer.js';

/** A role that a member holds: at a merchant, or at the organizer (null) and so at all of them. */
const heldRole = z.object({
  id: z.string(),
  identifier: z.string(),
  merchantId: z.string().nullable(),
  isHeldBack: z.boolean().describe('While the member, the merchant or the organizer is suspended'),
});

export const memberSchema = z.object({
  id: z.string(),
  organizerId: z.string(),
  userId: z.string(),
  displayName: z.string(),
  status: placeStatus,
  roles: z.array(heldRole),
  createdAt: z.iso.datetime({ offset: true }),
});
export type Member = z.infer<typeof memberSchema>;

/** Either the state, or the roles at one place instead of those held there; none: no place there any more. */
export const memberChange = z.union([
  z.strictObject({ status: placeStatus }),
  z.strictObject({ merchantId: plainId.nullable(), roleIds: z.array(plainId).max(20) }),
]);
export type MemberChange = z.infer<typeof memberChange>;

const ROLES = `
  SELECT held.target_id AS role_id, held.place, held.held_back FROM (
    SELECT target_id, coalesce(nullif(domain_type, '') || '_' || domain_id, domain) AS place, false AS held_back
    FROM public."PolicyDefinition"
    WHERE variant IN ('assign_role', 'group') AND subject_type = 'User' AND subject_id = member.user_id
      AND target_type = 'Role'
    UNION ALL
    SELECT waiting.row ->> 'target_id', waiting.place, true FROM identity."HeldPolicy" AS waiting
    WHERE waiting.organizer_id = member.organizer_id AND waiting.user_id = member.user_id
      AND waiting.row ->> 'variant' IN ('assign_role', 'group')) AS held
  WHERE held.place = 'Organizer_' || member.organizer_id OR held.place IN (
    SELECT 'Merchant_' || id FROM identity."Merchant" WHERE organizer_id = member.organizer_id)`;

/** Selects a Member from rows named `member` and `person`. */
export const MEMBER = `member.id, member.organizer_id AS "organizerId", member.user_id AS "userId",
  person.display_name AS "displayName", member.status, to_jsonb(member.created_at) #>> '{}' AS "createdAt",
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', role.id, 'identifier', role.identifier,
      'merchantId', CASE WHEN place LIKE 'Merchant_%' THEN substr(place, 10) END, 'isHeldBack', held_back)
      ORDER BY role.priority DESC, role.identifier, place), '[]')
    FROM (${ROLES}) AS one JOIN identity."Role" AS role ON role.id = one.role_id) AS roles`;
