import type { Audit, AuditAction } from '../audit/index.js';
import type { Sql } from '../database/database.js';
import type { Visitor } from '../http/route.js';
import type { CustomerCaller, Scope } from './scope.js';

/** Who did it and from where. */
export interface Act {
  caller: CustomerCaller;
  visitor: Visitor;
}

export type AuditCustomer = (
  sql: Sql,
  act: Act,
  scope: Scope,
  action: Extract<AuditAction, `customer.${string}`>,
  subject: { type: 'customer' | 'merchant'; id: string },
  after?: Record<string, unknown>,
) => Promise<void>;

/** Names who acted, for the trail and for what a caller calls their own. */
export const actorOf = (caller: CustomerCaller): { type: 'user' | 'service'; id: string } =>
  'serviceId' in caller ? { type: 'service', id: caller.serviceId } : { type: 'user', id: caller.userId };

/** Writes an act down in its own transaction (P12): names of what was changed, never a customer's values. */
export function createAuditCustomer(audit: Pick<Audit, 'record'>): AuditCustomer {
  return (sql, { caller, visitor }, { tenantId, merchantId }, action, subject, after) =>
    audit.record(sql, {
      actor: actorOf(caller),
      action,
      subject,
      tenantId,
      after: { merchantId, ...after },
      visitor,
    });
}
