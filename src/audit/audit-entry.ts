import type { Visitor } from '../http/route.js';
import type { AuditAction } from './action.js';

/** Who acted. `admin` is a person who used a right over others; `anonymous` is whoever it was. */
export type Actor =
  | { type: 'user' | 'service' | 'admin' | 'system'; id: string }
  | { type: 'anonymous'; id?: undefined };

/** What an administrator, or the person, did in Keycloak and Keycloak told us. */
export const KEYCLOAK = { type: 'system', id: 'keycloak' } as const satisfies Actor;

/** Whom or what an act was done to. */
export interface Subject {
  type:
    | 'user'
    | 'service'
    | 'client'
    | 'realm'
    | 'audit'
    | 'message'
    | 'configuration'
    | 'signing_key'
    | 'policy'
    | 'customer'
    | 'merchant'
    | 'organizer'
    | 'member'
    | 'invitation'
    | 'role'
    | 'permission'
    | 'otp_lock';
  id: string;
}

/** What can be read off a stored row without any key. Never a secret in `before` or `after`, and nobody's own values. */
export interface ImpersonalEntry {
  actor: Actor;
  action: AuditAction;
  subject?: Subject;
  /** Undefined: the platform's. */
  tenantId?: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
  requestId?: string;
}

export interface AuditEntry extends Omit<ImpersonalEntry, 'requestId'> {
  /** From where: its request id in clear, address and agent sealed under the actor's key, or else the subject's. */
  visitor: Visitor;
  /** The subject's own values, such as an e-mail address: sealed under the subject's key. */
  personal?: Record<string, string | null>;
}
