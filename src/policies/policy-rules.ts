import { type DomainKey, grantedAt } from './policy-domain.js';
import type { PolicyRow, PolicySubject } from './policy-row.js';
import { type Holder, holderOf } from './role-holdings.js';

/** The row that decided, and whose it is: the subject's own or a role's. */
export interface DecidedBy {
  policyId: string;
  holder: PolicySubject;
}

/** Of one kind of thing and action: by place and holder, the row that says so. */
export type Rules = Map<DomainKey, Map<Holder, DecidedBy>>;

export const ruleKey = (kind: string, action: string): string => `${kind}\n${action}`;

/** Rows that say neither `allow` nor nothing deny: what nobody understands takes away, it never gives. */
export function compileRules(rows: readonly PolicyRow[], counts: (holder: Holder) => boolean) {
  const allow = new Map<string, Rules>();
  const deny = new Map<string, Rules>();
  const kinds = new Set<string>();
  const places = new Set<DomainKey>();
  for (const row of rows) {
    const action = row.action ?? row.permitted;
    const holder: PolicySubject = { type: row.subjectType, id: row.subjectId };
    if ((row.variant !== 'grant' && row.variant !== 'policy') || row.targetType !== 'Permission') continue;
    if (row.object === null || action === null || !counts(holderOf(holder))) continue;
    const place = grantedAt(row);
    const into = (row.effect ?? 'allow') === 'allow' ? allow : deny;
    const key = ruleKey(row.object, action);
    const rules: Rules = into.get(key) ?? new Map();
    const byHolder = rules.get(place) ?? new Map<Holder, DecidedBy>();
    into.set(key, rules.set(place, byHolder.set(holderOf(holder), { policyId: row.id, holder })));
    kinds.add(row.object);
    places.add(place);
  }
  return { allow, deny, kinds, places };
}

/** The rule of one who is held here; walks whichever are fewer. */
export function firstCommon(
  rules: Map<Holder, DecidedBy> | undefined,
  here: readonly Set<Holder>[],
): DecidedBy | undefined {
  if (!rules) return undefined;
  const held = here.reduce((sum, { size }) => sum + size, 0);
  if (rules.size < held) {
    for (const [holder, by] of rules) if (here.some((some) => some.has(holder))) return by;
    return undefined;
  }
  for (const some of here) {
    for (const holder of some) {
      const by = rules.get(holder);
      if (by) return by;
    }
  }
  return undefined;
}
