/** Every act that is audited, as `domain.act`. What is stored is never renamed; new ones are added here. */
export const AUDIT_ACTIONS = [
  'session.opened',
  'session.ended',
  'session.refresh_reused',
  'user.created',
  'user.updated',
  'user.identifier_yielded',
  'user.identifier_changed',
  'user.password_changed',
  'role.assigned',
  'token.issued',
  'sign_in.refused',
  'service.refused',
  'realm.repaired',
  'configuration.resealed',
  'signing_key.added',
  'signing_key.activated',
  'signing_key.retired',
  'signing_key.revoked',
  'message.read',
  'message.replayed',
  'audit.read',
  'audit.exported',
  'audit.partition_made',
  'audit.partition_dropped',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];
