import type { Actor, AuditEntry } from '../audit/index.js';
import type { Visitor } from '../http/route.js';
import type { EndReason } from './auth-session.js';

/** Who ended a session, by which request. */
export interface EndedBy {
  actor: Actor;
  visitor: Visitor;
}

/** What the trail says of a session's end. */
export function sessionEnded(
  session: { id: string; user_id: string },
  reason: EndReason,
  { actor, visitor }: EndedBy,
): AuditEntry {
  const subject = { type: 'user', id: session.user_id } as const;
  return { actor, action: 'session.ended', subject, after: { sessionId: session.id, reason }, visitor };
}

/**
 * The same as a part of the statement that ends, for jobs and the worker, which hold no keys: its `ended` has the sessions'
 * `id` and `user_id`.
 */
export const tellEnded = (by: 'worker' | 'keys' | 'operations', reason: EndReason): string => `
  INSERT INTO identity."AuditEvent" (actor_type, actor_id, action, subject_type, subject_id, after)
  SELECT 'system', '${by}', 'session.ended', 'user', user_id,
    jsonb_build_object('sessionId', id, 'reason', '${reason}') FROM ended`;
