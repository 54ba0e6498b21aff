import { z } from 'zod';
import type { PermitAll, PermitAnswer } from './policies/permit.js';
import { merchantDomain } from './policies/policy-domain.js';
import type { PolicySubject } from './policies/policy-row.js';
import { actionSchema, domainSchema, objectSchema } from './policies/policy-schema.js';
import { refusingWhenAway } from './sister-unavailable.js';

const questionSchema = z.strictObject({ domain: domainSchema, object: objectSchema, action: actionSchema });

/** `domain` is `Platform`, `Organizer_<id>`, `Merchant_<id>` or a merchant's bare id (contract §5). */
export type PolicyQuestion = z.input<typeof questionSchema>;

/** The claims of a verified access token, as far as rights follow from them. */
export interface TokenBearer {
  readonly userId?: unknown;
  /** A branch's token is good in its branch alone. */
  readonly active_branch_id?: unknown;
  readonly [claim: string]: unknown;
}

/** What may be done, read from the database: the answers of `POST /policies/check`, at most a second old (P1, P3). */
export interface PolicyRepository {
  /**
   * May the bearer of a verified token do this there? As the kit's `may`, so that its `requirePermission` takes either; a
   * service's token is for no person.
   * @throws SisterUnavailable (503): what can't be looked up is not permitted. ZodError for what is no question
   */
  may(identity: TokenBearer, question: PolicyQuestion): Promise<boolean>;
  /** Answers of one moment, in the order of the questions, each with its reason, and the subject's policy version. */
  check(subject: PolicySubject, questions: readonly PolicyQuestion[]): Promise<PermitAnswer>;
}

export function createPolicyRepository(permitAll: PermitAll): PolicyRepository {
  const check: PolicyRepository['check'] = (subject, questions) => {
    const asked = questions.map((question) => questionSchema.parse(question));
    return refusingWhenAway(permitAll(subject, asked));
  };
  return {
    check: async (subject, questions) => check(subject, questions),
    async may({ userId, active_branch_id: branch }, question) {
      if (typeof userId !== 'string') return false;
      const { domain, ...rest } = questionSchema.parse(question);
      if (branch !== undefined && domain !== merchantDomain(String(branch))) return false;
      const { results } = await check({ type: 'User', id: userId }, [{ domain, ...rest }]);
      return results[0]?.allowed === true;
    },
  };
}
