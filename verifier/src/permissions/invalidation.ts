import type { ChangesPage } from './policies-client.js';

/** Changes are kept by subject up to so many; beyond, every answer from before counts as changed. */
const MOST_SUBJECTS = 50_000;
/** A change of anybody else (a role, a domain, everybody) may be one of whoever is asked about. */
const OWN = ['User', 'Service'];

/** Which answers the feed of changes leaves standing. */
export interface Invalidation {
  take(page: ChangesPage, askedAt: number): void;
  /**
   * Whether nothing that reaches the subject has changed since an answer: false too when nobody could say so for longer
   * than the bound.
   * @param subject `<type>_<id>` @param era as it was when the issuer was asked
   */
  isCurrent(subject: string, asOf: number, era: number): boolean;
  /** Goes up when the issuer's database was put back to an earlier state: what it counted since then, it counts again. */
  era(): number;
}

export function createInvalidation(options: {
  maxStalenessS: number;
  monotonicNow: () => number;
}): Invalidation {
  const { maxStalenessS, monotonicNow } = options;
  let confirmedAt = Number.NEGATIVE_INFINITY;
  let cursor: number | undefined;
  /** Of answers from before this nothing is known. */
  let floor = Number.POSITIVE_INFINITY;
  let era = 0;
  const changed = new Map<string, number>();

  function forgetBefore(epoch: number): void {
    floor = epoch;
    changed.clear();
  }

  return {
    take({ changes, cursor: text, more }, askedAt) {
      const next = Number(text);
      if (cursor === undefined || next < cursor) {
        if (cursor !== undefined) era += 1;
        forgetBefore(next);
      }
      cursor = next;
      for (const { subjectType, subjectId, policyVersion } of changes) {
        if (OWN.includes(subjectType)) changed.set(`${subjectType}_${subjectId}`, policyVersion);
        else floor = Math.max(floor, policyVersion);
      }
      if (changed.size > MOST_SUBJECTS) forgetBefore(next);
      // From when it was asked: what happened later may be in the next page.
      if (!more) confirmedAt = askedAt;
    },
    isCurrent: (subject, asOf, when) =>
      when === era &&
      monotonicNow() - confirmedAt <= maxStalenessS * 1000 &&
      asOf >= floor &&
      asOf >= (changed.get(subject) ?? 0),
    era: () => era,
  };
}
