import type { AccessClaims } from '../claims.js';

const ACTIONS = ['create', 'read', 'update', 'delete', 'execute', 'write', 'manage'] as const;
export type PermissionAction = (typeof ACTIONS)[number];

/** One question: may this be done to such a thing there (contract §5)? */
export interface PermissionQuestion {
  /** `Platform`, `Organizer_<id>`, `Merchant_<id>`, or a merchant's bare id. */
  domain: string;
  /** A kind of thing, such as `customer`. */
  object: string;
  action: PermissionAction;
}

/** Whose rights are asked for. */
export interface PermissionSubject {
  type: 'User' | 'Service' | 'Role';
  id: string;
}

const OBJECT = /^(?:\*|[A-Za-z0-9][\w.:-]{0,127})$/;
const DOMAIN = /^(?:Platform|(?:Organizer|Merchant)_[A-Za-z0-9][\w.:-]{0,127})$/;
const BARE_ID = /^\d{1,20}$/;

export const isObject = (text: unknown): text is string => typeof text === 'string' && OBJECT.test(text);
export const isAction = (text: unknown): text is PermissionAction =>
  ACTIONS.some((action) => action === text);

/** A domain in full, of a merchant's bare id too; undefined for what is none. */
export function readDomain(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const name = BARE_ID.test(value) ? `Merchant_${value}` : value;
  return DOMAIN.test(name) ? name : undefined;
}

/**
 * Whose rights count for a token's bearer in a domain: a branch's token is good in its branch alone (contract §1), and a
 * service's names no subject of policies. Undefined: nobody's.
 */
export function subjectOf(identity: AccessClaims, domain: string): PermissionSubject | undefined {
  if (identity.token_type === 'system') return undefined;
  const { userId, token_type: kind, active_branch_id: branch } = identity;
  const isBranchToken = kind === 'workspace' || branch !== undefined;
  if (isBranchToken && domain !== `Merchant_${branch}`) return undefined;
  return { type: 'User', id: userId };
}
