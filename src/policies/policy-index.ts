import { DEEPEST, Inheritance } from './inheritance.js';
import {
  type DomainKey,
  domainKey,
  EVERYWHERE,
  grantedAt,
  heldAt,
  PLATFORM,
  WHERE_MEMBER,
} from './policy-domain.js';
import { LATTICE, type PolicyRow, type PolicySubject } from './policy-row.js';

/** One question: may this be done to such a thing in this domain (`Platform`, `Organizer_<id>`, `Merchant_<id>`)? */
export interface Question {
  domain: string;
  object: string;
  action: string;
}

/** The row that decided, and whose it is: the subject's own or a role's. */
export interface DecidedBy {
  policyId: string;
  holder: PolicySubject;
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
  /** The domains that the subject's rows name, and all below them. */
  domains(): string[];
  /** Every kind of thing that something is granted on, and the actions that rows name besides the usual ones. */
  objects(): string[];
  /** How much memory it takes, in rows. */
  size: number;
}

type Holder = string;
type Holders = Map<DomainKey, Set<Holder>>;
/** Of one kind of thing and action: by place and holder, the row that says so. */
type Rules = Map<DomainKey, Map<Holder, DecidedBy>>;

const keyOf = ({ type, id }: PolicySubject): Holder => `${type}_${id}`;

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
  const isSelf = (holder: Holder) => holder === keyOf(subject) && subject.type !== 'Role';
  const { allow, deny, kinds, places } = compileRules(
    rows,
    (holder) => isSelf(holder) || (everHeld.has(holder) && active.has(holder)),
  );

  /** Everywhere, the domain, and those that it lies in. */
  const placesOf = (domain: string): DomainKey[] => [EVERYWHERE, ...domains.upFrom([`=${domain}`])];
  const holdersAt = (places: readonly DomainKey[]): Set<Holder> =>
    new Set(places.flatMap((place) => [...(held.get(place) ?? [])]));

  function find(rules: Map<string, Rules>, keys: string[], here: Set<Holder>, places: DomainKey[]) {
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
      return [...active].filter(([holder]) => here.has(holder)).map(([, role]) => role);
    },
    domains() {
      const all = domains.downFrom(
        [...held.keys(), ...places, ...joined].filter((key) => key.startsWith('=')),
      );
      return [PLATFORM, ...[...all].map((key) => key.slice(1))];
    },
    objects: () => [...objects.downFrom(kinds)],
    size: rows.length,
  };
}

const isOf = (row: PolicyRow, { type, id }: PolicySubject): boolean =>
  row.subjectType === type && row.subjectId === id;

const ruleKey = (kind: string, action: string): string => `${kind}\n${action}`;

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

/** By place, the subject and its roles that are held there. */
function holdings(subject: PolicySubject, rows: readonly PolicyRow[]): Holders {
  const inherits = new Inheritance<Holder>();
  const given: Holders = new Map();
  for (const row of rows) {
    if (row.targetType !== 'Role') continue;
    const role = `Role_${row.targetId}`;
    if (row.variant === 'role_inherits' && row.subjectType === 'Role') {
      inherits.add(`Role_${row.subjectId}`, role);
    } else if (isAssignment(row) && subject.type !== 'Role' && isOf(row, subject)) {
      const where = heldAt(row);
      given.set(where, (given.get(where) ?? new Set()).add(role));
    }
  }
  const held: Holders = new Map();
  // An assignment is a step too.
  for (const [where, first] of given) held.set(where, inherits.upFrom(first, DEEPEST - 1));
  const own = inherits.upFrom([keyOf(subject)]);
  return held.set(EVERYWHERE, new Set([...(held.get(EVERYWHERE) ?? []), ...own]));
}

const holdersOf = (held: Holders): Set<Holder> => new Set([...held.values()].flatMap((some) => [...some]));

/** Walks the smaller of the two. */
function firstCommon(rules: Map<Holder, DecidedBy> | undefined, here: Set<Holder>): DecidedBy | undefined {
  if (!rules) return undefined;
  for (const holder of rules.size < here.size ? rules.keys() : here) {
    const by = rules.get(holder);
    if (by && here.has(holder)) return by;
  }
  return undefined;
}

const isAssignment = ({ variant }: PolicyRow): boolean => variant === 'assign_role' || variant === 'group';

/** Rows that say neither `allow` nor nothing deny: what nobody understands takes away, it never gives. */
function compileRules(rows: readonly PolicyRow[], counts: (holder: Holder) => boolean) {
  const allow = new Map<string, Rules>();
  const deny = new Map<string, Rules>();
  const kinds = new Set<string>();
  const places = new Set<DomainKey>();
  for (const row of rows) {
    const action = row.action ?? row.permitted;
    const holder: PolicySubject = { type: row.subjectType, id: row.subjectId };
    if ((row.variant !== 'grant' && row.variant !== 'policy') || row.targetType !== 'Permission') continue;
    if (row.object === null || action === null || !counts(keyOf(holder))) continue;
    const place = grantedAt(row);
    const into = (row.effect ?? 'allow') === 'allow' ? allow : deny;
    const key = ruleKey(row.object, action);
    const rules: Rules = into.get(key) ?? new Map();
    const byHolder = rules.get(place) ?? new Map<Holder, DecidedBy>();
    into.set(key, rules.set(place, byHolder.set(keyOf(holder), { policyId: row.id, holder })));
    kinds.add(row.object);
    places.add(place);
  }
  return { allow, deny, kinds, places };
}
