import { Problem } from '../errors/problem.js';
import { policyErrors } from './errors.js';
import { PLATFORM } from './policy-domain.js';
import type { PolicyChangeDraft, PolicyDraft } from './policy-schema.js';

/** A row of PolicyDefinition as it is stored, in camel case. */
export interface StoredPolicy {
  id: string;
  variant: string;
  subjectType: string;
  subjectId: string;
  targetType: string;
  targetId: string;
  action: string | null;
  effect: string | null;
  domain: string | null;
  domainType: string | null;
  domainId: string | null;
  metadata: Record<string, unknown> | null;
  origin: string;
  createdAt: string;
  modifiedAt: string;
}

export type NewPolicy = Omit<StoredPolicy, 'id' | 'origin' | 'createdAt' | 'modifiedAt'>;
type Domain = Pick<NewPolicy, 'domain' | 'domainType' | 'domainId'>;

const NOWHERE: Domain = { domain: null, domainType: null, domainId: null };

/** Both spellings of the columns, from either; undefined where the draft says nothing of a domain. */
function spellDomain({ domain, domainType, domainId }: PolicyChangeDraft): Domain | undefined {
  if (domain === undefined && domainType === undefined && domainId === undefined) return undefined;
  const pair =
    domainType == null ? (domainId == null ? null : undefined) : pairName(domainType, domainId ?? null);
  const name = domain === undefined ? pair : domain;
  if (pair === undefined || (domain != null && pair !== null && pair !== domain)) {
    throw unenforceable('domain', 'The two spellings of the domain say different things');
  }
  if (name == null) return NOWHERE;
  if (name === PLATFORM) return { domain: PLATFORM, domainType: PLATFORM, domainId: null };
  const at = name.indexOf('_');
  return { domain: name, domainType: name.slice(0, at), domainId: name.slice(at + 1) };
}

function pairName(type: string, id: string | null): string | undefined {
  if (type === PLATFORM) return id === null ? PLATFORM : undefined;
  return id === null ? undefined : `${type}_${id}`;
}

/** @throws Problem `policy.not_enforceable` (422) */
export function toNewPolicy(draft: PolicyDraft): NewPolicy {
  const { variant, subjectType, subjectId, targetType, targetId } = draft;
  return {
    variant,
    subjectType,
    subjectId,
    targetType,
    targetId,
    action: draft.action ?? null,
    effect: draft.effect ?? null,
    metadata: draft.metadata ?? null,
    ...(spellDomain(draft) ?? NOWHERE),
  };
}

/** @throws Problem `policy.not_enforceable` (422) */
export function changePolicy(stored: StoredPolicy, change: PolicyChangeDraft): StoredPolicy {
  const { action, effect, metadata } = change;
  return {
    ...stored,
    ...(action === undefined ? {} : { action }),
    ...(effect === undefined ? {} : { effect }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(spellDomain(change) ?? {}),
  };
}

/** Where a row counts: its domain, or what somebody joins by it; undefined everywhere. */
export function placeOf({ variant, targetType, targetId, domain }: NewPolicy): string | undefined {
  if (variant === 'join_domain') return `${targetType}_${targetId}`;
  return domain === null || domain === PLATFORM ? undefined : domain;
}

export const unenforceable = (path: string, message: string): Problem =>
  new Problem(policyErrors.not_enforceable, {
    detail: message,
    errors: [{ path, message, code: 'not_enforceable' }],
  });
