import type { AuditTrail } from './compose-audit.js';
import type { Notices } from './compose-notices.js';
import type { Otp } from './compose-otp.js';
import type { Sessions } from './compose-sessions.js';
import { spendOnce } from './database/spend-once.js';
import { Problem } from './errors/problem.js';
import type { Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import { createVerifyPassword, traceKeycloak } from './keycloak-gateway/index.js';
import { type Challenge, otpErrors } from './otp/index.js';
import { createRegisterPerson, type FindAccount, unregisterPerson } from './people/index.js';
import { createAssignDefaultRole } from './policies/index.js';
import {
  type AnswerBeat,
  type CodeUses,
  createChangeIdentifier,
  createChangePassword,
  createFinishSignUp,
  createProveEmail,
  createProveSignUp,
  createRequestChange,
  createRequestCode,
  createRequestSignUp,
  createResetPassword,
  createResetTickets,
  createUseCode,
  evenSignUps,
  findSelf,
  findUnproven,
  notMeRoutes,
  type OtpRoutes,
  otpRoutes,
  provenIdentifier,
  RESET_TICKET_LIFE_S,
  type SignInByChallenge,
  selfServiceRoutes,
  signUpRoute,
  signUpStore,
  type TakeCode,
} from './sign-in/index.js';
import type { KeyMaterial } from './tokens/index.js';

interface Domains {
  sessions: Sessions;
  otp: Otp;
  notices: Notices;
  trail: AuditTrail;
}

interface SignInParts
  extends Pick<
    OtpRoutes,
    'authenticate' | 'registeredClient' | 'findKnownDevice' | 'answerSignIn' | 'limits'
  > {
  findAccount: FindAccount;
  takeCode: TakeCode;
  signInByChallenge: SignInByChallenge;
  beat: AnswerBeat;
}

/** Wires what people do by one-time codes, and about their own account. */
export function composeSelfService(
  infrastructure: Infrastructure,
  { sessions, otp, notices: { notify, notMeLinks }, trail: { audit } }: Domains,
  keys: KeyMaterial,
  parts: SignInParts,
): Route[] {
  const { config, database, accounts, traces } = infrastructure;
  const { endSessions, nextId } = sessions;
  const { codes, sendCode } = otp;
  const { findAccount, takeCode, signInByChallenge, beat, ...routing } = parts;
  const { countries } = config.otp;
  const dormantDays = config.people.phoneDormantDays;
  const tickets = createResetTickets(keys.otpPepper, Date.now);
  const change = createChangeIdentifier({ database, findSelf, accounts, audit, notify, dormantDays });
  const proveEmail = createProveEmail({ database, change });
  const store = signUpStore;
  const { register } = createRegisterPerson({
    nextId,
    onFirstArrival: createAssignDefaultRole({ nextId, audit }),
    audit,
  });
  const finish = createFinishSignUp({ database, store, accounts, unregister: unregisterPerson });
  const proveSignUp = createProveSignUp({ database, store, register, finish, dormantDays });

  const signIn: CodeUses[string] = async (challenge, visitor) => ({
    kind: 'session',
    session: await signInByChallenge(challenge, visitor),
  });
  const signUp: CodeUses[string] = async (challenge, visitor) => {
    await proveSignUp(challenge.purpose.signUpId as string, visitor);
    return signIn(challenge, visitor);
  };
  const changeOwn: CodeUses[string] = async (challenge, visitor) => {
    await change(challenge.purpose.userId as string, challenge, visitor);
    return { kind: 'verified' };
  };
  /** A lucky guess at a code that was never sent is no account's. */
  const accountBehind = async (challenge: Challenge) => {
    const account = await findAccount(database, provenIdentifier(challenge));
    if (!account) throw new Problem(otpErrors.invalid);
    return account;
  };
  const uses: CodeUses = {
    'phone-auth/account': signIn,
    'phone-auth/sign-up': signUp,
    'phone-auth/change': changeOwn,
    'verify-email/account': async (challenge, visitor) => {
      await proveEmail(challenge, visitor);
      return { kind: 'verified' };
    },
    'verify-email/sign-up': signUp,
    'verify-email/change': changeOwn,
    'forgot-password/account': async (challenge) => ({
      kind: 'reset',
      resetTicket: tickets.issue(await accountBehind(challenge)),
      expiresIn: RESET_TICKET_LIFE_S,
    }),
  };
  const recipients = {
    'phone-auth': findAccount,
    'verify-email': findUnproven,
    'forgot-password': findAccount,
  };
  return [
    ...otpRoutes({
      requestCode: createRequestCode({ recipients, sendCode }),
      useCode: createUseCode({ takeCode, uses }),
      countries,
      ...routing,
    }),
    signUpRoute({
      requestSignUp: evenSignUps(
        createRequestSignUp({ codes, database, store, accounts, findAccount, sendCode, nextId }),
        beat,
      ),
      registeredClient: routing.registeredClient,
      countries,
      limits: [routing.limits.otpRequestByAddress],
    }),
    ...selfServiceRoutes({
      resetPassword: createResetPassword({
        database,
        spendOnce,
        tickets,
        accounts,
        endSessions,
        audit,
        notify,
      }),
      changePassword: createChangePassword({
        database,
        findSelf,
        ...traceKeycloak({ verifyPassword: createVerifyPassword(config.keycloak) }, traces),
        accounts,
        endSessions,
        audit,
        notify,
      }),
      requestChange: createRequestChange({ findAccount, sendCode }),
      countries,
      limits: routing.limits,
    }),
    ...notMeRoutes({ links: notMeLinks, endSessions, limits: [routing.limits.signInByAddress] }),
  ];
}
