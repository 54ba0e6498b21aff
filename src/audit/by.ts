import type { Caller, Visitor } from '../http/route.js';
import type { AuditEntry } from './audit-entry.js';

/** The administrator who acts, from where. */
export interface By {
  userId: string;
  visitor: Visitor;
}

export const by = ({ userId }: Caller, visitor: Visitor): By => ({ userId, visitor });

/** What every entry of the trail says of them. */
export const acting = ({ userId, visitor }: By): Pick<AuditEntry, 'actor' | 'visitor'> => ({
  actor: { type: 'admin', id: userId },
  visitor,
});
