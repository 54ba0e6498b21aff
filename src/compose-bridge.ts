import type { AuditTrail } from './compose-audit.js';
import type { Otp } from './compose-otp.js';
import type { Sessions } from './compose-sessions.js';
import type { Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import { createClaimPhone, createFindAccount } from './people/index.js';
import {
  bridgeRoutes,
  createRequestCode,
  createStartPageCode,
  createUsePageCode,
  visitorKey,
} from './sign-in/index.js';

/** Wires what the bridge in Keycloak calls on the internal listener. */
export function composeBridge(
  { config, database, limit }: Infrastructure,
  parts: {
    sessions: Pick<Sessions, 'people'>;
    otp: Otp;
    trail: Pick<AuditTrail, 'audit'>;
  },
): Route[] {
  const { sessions, otp, trail } = parts;
  const dormantDays = config.people.phoneDormantDays;
  const findAccount = createFindAccount({ dormantDays });
  const requestCode = createRequestCode({
    recipients: { 'phone-auth': findAccount, 'verify-email': findAccount, 'forgot-password': findAccount },
    sendCode: otp.sendCode,
  });
  const claimPhone = createClaimPhone({
    database,
    people: sessions.people,
    audit: trail.audit,
    dormantDays,
  });
  const { otpPerAddress, signInPerAddress } = config.limits;
  return bridgeRoutes({
    startPageCode: createStartPageCode({
      requestCode,
      openChallenge: otp.openChallenge,
      countries: config.otp.countries,
    }),
    usePageCode: createUsePageCode({ verifyCode: otp.verifyCode, database, findAccount, claimPhone }),
    limits: {
      // The public calls' own counters: a visitor has one allowance, whichever door they try.
      otpRequestByVisitor: limit({ name: 'otp-request-address', perHour: otpPerAddress, key: visitorKey }),
      signInByVisitor: limit({ name: 'sign-in-address', perMinute: signInPerAddress, key: visitorKey }),
    },
  });
}
