import type { Database } from '../../database/database.js';
import { Problem } from '../../errors/problem.js';
import type { Visitor } from '../../http/route.js';
import { type Challenge, otpErrors, refusalProblem, type VerifyCode } from '../../otp/index.js';
import type { ClaimPhone, FindAccount, Profile } from '../../people/index.js';
import { provenIdentifier } from '../otp/sign-in-by-challenge.js';
import { type CodePurpose, isFor, namespaceOf } from './code-purpose.js';
import { bridgeErrors } from './errors.js';

export interface PageCodeTrial {
  purpose: CodePurpose;
  challengeId: string;
  code: string;
  visitor: Visitor;
  /** Who asked for the code, for a number that is to become theirs. */
  profile?: Profile | undefined;
}

/** Whose number or address it is, from now on or all along: one of the two. */
export interface ProvenAddress {
  keycloakId: string;
  /** E.164 */
  phone?: string;
  email?: string;
}

export type UsePageCode = (trial: PageCodeTrial) => Promise<ProvenAddress>;

/**
 * Takes a code that was typed on one of Keycloak's pages.
 * @throws Problem `otp.invalid` (401) with the `keycloakId` whose failures Keycloak must count, if there is one;
 *   `otp.locked`, `otp.quota_exceeded` (429), `otp.unavailable` (503), `bridge.phone_taken` (409)
 */
export function createUsePageCode(options: {
  verifyCode: VerifyCode;
  database: Database;
  findAccount: FindAccount;
  claimPhone: ClaimPhone;
}): UsePageCode {
  const { verifyCode, database, findAccount, claimPhone } = options;
  const ownerOf = (challenge: Challenge) => findAccount(database, provenIdentifier(challenge));

  async function refuse(purpose: CodePurpose, compared?: Challenge): Promise<Problem> {
    const owner = compared && purpose !== 'verify-phone' ? await ownerOf(compared) : undefined;
    return new Problem(otpErrors.invalid, owner ? { extensions: { keycloakId: owner.keycloakId } } : {});
  }

  return async ({ purpose, challengeId, code, visitor, profile }) => {
    const accepts = isFor(purpose);
    const outcome = await verifyCode({ namespace: namespaceOf(purpose), challengeId, code, accepts });
    if ('refused' in outcome) throw refusalProblem(outcome);
    const { verdict, challenge } = outcome;
    if (verdict === 'wrong') throw await refuse(purpose, challenge);
    const { scheme, value: address } = provenIdentifier(challenge);
    if (purpose !== 'verify-phone') {
      const owner = await ownerOf(challenge);
      if (!owner) throw new Problem(otpErrors.invalid); // a lucky guess at a code that was never sent
      return { keycloakId: owner.keycloakId, [scheme]: address };
    }
    const { keycloakId } = challenge.purpose;
    if (!keycloakId || !profile) throw new Error('a number was proven by nobody');
    if (!(await claimPhone({ keycloakId, profile, phone: address, visitor }))) {
      throw new Problem(bridgeErrors.phone_taken);
    }
    return { keycloakId, phone: address };
  };
}
