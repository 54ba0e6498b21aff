import { DEEPEST, Inheritance } from './inheritance.js';
import { type DomainKey, EVERYWHERE, heldAt } from './policy-domain.js';
import type { PolicyRow, PolicySubject } from './policy-row.js';

/** The subject itself, or a role of its, as `<type>_<id>`. */
export type Holder = string;
/** By place, who is held there. */
export type Holdings = Map<DomainKey, Set<Holder>>;

export const holderOf = ({ type, id }: PolicySubject): Holder => `${type}_${id}`;

export const isOf = (row: PolicyRow, { type, id }: PolicySubject): boolean =>
  row.subjectType === type && row.subjectId === id;

const isAssignment = ({ variant }: PolicyRow): boolean => variant === 'assign_role' || variant === 'group';

/** By place, the subject and its roles that are held there. */
export function holdings(subject: PolicySubject, rows: readonly PolicyRow[]): Holdings {
  const inherits = new Inheritance<Holder>();
  const given: Holdings = new Map();
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
  const held: Holdings = new Map();
  // An assignment is a step too.
  for (const [where, first] of given) held.set(where, inherits.upFrom(first, DEEPEST - 1));
  const own = inherits.upFrom([holderOf(subject)]);
  return held.set(EVERYWHERE, new Set([...(held.get(EVERYWHERE) ?? []), ...own]));
}

export const holdersOf = (held: Holdings): Set<Holder> =>
  new Set([...held.values()].flatMap((some) => [...some]));
