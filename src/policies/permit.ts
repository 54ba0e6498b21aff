import type { PolicyCache } from './policy-cache.js';
import type { Question } from './policy-index.js';
import type { PolicySubject } from './policy-row.js';

/** Why: `granted` and `denied` name the row that decided and whose it is. */
export interface Because {
  reason: 'granted' | 'denied' | 'not_granted' | 'subject_inactive' | 'outside_branch';
  policyId?: string;
  subjectType?: string;
  subjectId?: string;
}

export interface PermitResult {
  allowed: boolean;
  because: Because;
}

/** Answers of one moment, in the order of the questions, and the subject's policy version at that moment. */
export interface PermitAnswer {
  results: PermitResult[];
  policyVersion: number;
  /** Every change up to this epoch is in the answers: where their keeper reads on in the feed. */
  asOf: number;
}

export type PermitAll = (subject: PolicySubject, questions: readonly Question[]) => Promise<PermitAnswer>;
export type Permit = (subject: PolicySubject, question: Question) => Promise<PermitResult>;

/**
 * Says what a subject may do; from policies that are a second old at the most.
 * @throws Problem `request.unavailable` (503): what can't be looked up is not allowed
 */
export function createPermit(policies: Pick<PolicyCache, 'of'>): { permit: Permit; permitAll: PermitAll } {
  const permitAll: PermitAll = async (subject, questions) => {
    const { active, index, version, asOf } = await policies.of(subject);
    const answer = (question: Question): PermitResult => {
      if (!active) return { allowed: false, because: { reason: 'subject_inactive' } };
      const { allowed, by } = index.decide(question);
      if (!by) return { allowed, because: { reason: 'not_granted' } };
      const { policyId, holder } = by;
      const reason = allowed ? 'granted' : 'denied';
      return { allowed, because: { reason, policyId, subjectType: holder.type, subjectId: holder.id } };
    };
    return { results: questions.map(answer), policyVersion: version, asOf };
  };
  return {
    permitAll,
    permit: async (subject, question) => {
      const { results } = await permitAll(subject, [question]);
      return results[0] as PermitResult;
    },
  };
}
