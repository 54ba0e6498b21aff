import type { Caller, Visitor } from '../../http/route.js';
import type { Challenge, OtpNamespace } from '../../otp/index.js';
import type { LiveSession } from '../../sessions/index.js';
import type { TakeCode } from './take-code.js';

/** What a right code comes to. Times in seconds. */
export type CodeOutcome =
  | { kind: 'session'; session: LiveSession }
  | { kind: 'verified' }
  | { kind: 'reset'; resetTicket: string; expiresIn: number };

export type UseChallenge = (challenge: Challenge, visitor: Visitor) => Promise<CodeOutcome>;

/** `<namespace>/<what the code was asked for>`: a code is good for that and nothing else. */
export type CodeUses = Readonly<Record<string, UseChallenge>>;

export type UseCode = (trial: {
  namespace: OtpNamespace;
  challengeId: string;
  code: string;
  /** Whoever showed an access token: a change is taken only from the session that asked for it. */
  caller?: Caller | undefined;
  visitor: Visitor;
}) => Promise<CodeOutcome>;

/** Takes the code, then does what it was asked for. @throws Problem those of TakeCode and of the use */
export function createUseCode({ takeCode, uses }: { takeCode: TakeCode; uses: CodeUses }): UseCode {
  const useOf = ({ namespace, purpose }: Challenge) => uses[`${namespace}/${purpose.for}`];
  return async ({ namespace, challengeId, code, caller, visitor }) => {
    const accepts = (challenge: Challenge) =>
      useOf(challenge) !== undefined &&
      (challenge.purpose.sessionId === undefined || challenge.purpose.sessionId === caller?.sessionId);
    const challenge = await takeCode({ namespace, challengeId, code, accepts });
    const use = useOf(challenge);
    if (!use) throw new Error('a code was taken that is of no use');
    return use(challenge, visitor);
  };
}
