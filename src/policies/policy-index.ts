import { Inheritance } from './inheritance.js';
import { type DomainKey, domainKey, EVERYWHERE, PLATFORM, WHERE_MEMBER } from './policy-domain.js';
import { LATTICE, type PolicyRow, type PolicySubject } from './policy-row.js';
import { compileRules, type DecidedBy, firstCommon, type Rules, ruleKey } from './policy-rules.js';
import { type Holder, holderOf, holdersOf, holdings, isOf } from './role-holdings.js';

/** One question: may this be done to such a thing in this domain (`Platform`, `Organizer_<id>`, `Merchant_<id>`)? */
export interface Question {
  domain: string;
  object: string;
  action: string;
}

export interface Decision {
  allowed: boolean;
  /** Undefined where nothing allows and nothing denies. */
  by?: DecidedBy;
}

/** A role that counts: it exists and is active. */
export interface ActiveRole {
  id: string;
  identifier: string;
  priority: number;
}

export interface PolicyIndex {
  decide(question: Question): Decision;
  /** The roles held in a domain, inherited ones included. */
  rolesAt(domain: string): ActiveRole[];
  /** The platform, and the domains that the subject's rows name: in any other it may what it may in what that lies in. */
  domains(): string[];
  /** The domains in which a role is held that was given there or above, not everywhere. */
  domainsOf(role: string): string[];
  /** Whether a domain is this one or lies in it. */
  isWithin(domain: string, outer: string): boolean;
  /** Every kind of thing that something is granted on. */
  objects(): string[];
  /** How much memory it takes, in rows. */
  size: number;
}

/**
 * Compiles what a subject may do from rows of PolicyDefinition, those of others among them or not, so that a question
 * costs a few look-ups however many rows there are. It means what casbin makes of `policy-model.conf`.
 * @param roles those that count; grants to others are inert
 */
export function compilePolicies(
  subject: PolicySubject,
  rows: readonly PolicyRow[],
  roles: readonly ActiveRole[],
): PolicyIndex {
  const { domains, objects, actions } = graphs(rows);
  const held = holdings(subject, rows);
  const active = new Map(roles.map((role) => [`Role_${role.id}`, role]));
  const joined = new Set(
    rows
      .filter((row) => row.variant === 'join_domain' && isOf(row, subject))
      .map((row) => domainKey(row.targetType, row.targetId)),
  );
  const everHeld = holdersOf(held);
  const isSelf = (holder: Holder) => holder === holderOf(subject) && subject.type !== 'Role';
  const { allow, deny, kinds, places } = compileRules(
    rows,
    (holder) => isSelf(holder) || (everHeld.has(holder) && active.has(holder)),
  );

  /** Everywhere, the domain, and those that it lies in. */
  const placesOf = (domain: string): DomainKey[] => [EVERYWHERE, ...domains.upFrom([`=${domain}`])];
  const holdersAt = (places: readonly DomainKey[]): Set<Holder>[] =>
    places.flatMap((place) => held.get(place) ?? []);

  function find(rules: Map<string, Rules>, keys: string[], here: Set<Holder>[], places: DomainKey[]) {
    for (const key of keys) {
      const byPlace = rules.get(key);
      if (!byPlace) continue;
      for (const place of places) {
        const by = firstCommon(byPlace.get(place), here);
        if (by) return by;
      }
    }
    return undefined;
  }

  return {
    decide({ domain, object, action }) {
      const at = placesOf(domain);
      const here = holdersAt(at);
      const granted: DomainKey[] = at.some((place) => joined.has(place)) ? [...at, WHERE_MEMBER] : at;
      const acts = [...actions.upFrom([action])];
      const kindsOf = ['*', ...objects.upFrom(dottedPrefixes(object))].filter((kind) => kinds.has(kind));
      const keys = kindsOf.flatMap((kind) => acts.map((act) => ruleKey(kind, act)));
      const denied = find(deny, keys, here, granted);
      if (denied) return { allowed: false, by: denied };
      const by = find(allow, keys, here, granted);
      return by ? { allowed: true, by } : { allowed: false };
    },
    rolesAt: (domain) => {
      const here = holdersAt(placesOf(domain));
      return [...active].filter(([holder]) => here.some((some) => some.has(holder))).map(([, role]) => role);
    },
    domains: () => {
      const named = new Set([...held.keys(), ...places, ...joined].filter((key) => key.startsWith('=')));
      return [PLATFORM, ...[...named].map((key) => key.slice(1))];
    },
    domainsOf: (identifier) => {
      const holders = [...active]
        .filter(([, role]) => role.identifier === identifier)
        .map(([holder]) => holder);
      const given = [...held].filter(
        ([place, some]) => place !== EVERYWHERE && holders.some((one) => some.has(one)),
      );
      return [...domains.downFrom(given.map(([place]) => place))].map((key) => key.slice(1));
    },
    isWithin: (domain, outer) => domains.upFrom([`=${domain}`]).has(`=${outer}`),
    objects: () => [...objects.downFrom(kinds)],
    size: rows.length,
  };
}

/** `a.b.c`, `a.b`, `a`: a thing stands below what is before its dots. */
function dottedPrefixes(object: string): string[] {
  const parts = object.split('.');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('.'));
}

function graphs(rows: readonly PolicyRow[]) {
  const domains = new Inheritance<DomainKey>();
  const objects = new Inheritance<string>();
  const actions = new Inheritance<string>();
  for (const [narrow, wide] of LATTICE) actions.add(narrow, wide);
  for (const { variant, subjectType, subjectId, targetType, targetId } of rows) {
    if (variant === 'domain_inherits')
      domains.add(domainKey(subjectType, subjectId), domainKey(targetType, targetId));
    else if (variant === 'resource_inherits') objects.add(subjectId, targetId);
    else if (variant === 'action_inherits') actions.add(subjectId, targetId);
  }
  return { domains, objects, actions };
}
