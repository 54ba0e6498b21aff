import {
  configurationRoutes,
  createFindReach,
  createTryConfiguration,
  createWriteConfiguration,
} from './administration/configurations/index.js';
import type { AuditTrail } from './compose-audit.js';
import type { Messaging } from './compose-messaging.js';
import type { Policies } from './compose-policies.js';
import type { NextId } from './database/snowflake.js';
import type { Caller, Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import { chooseLanguage } from './sign-in/index.js';

/** Each costs money and goes to a person. */
const TRIALS_PER_HOUR = 10;

/** Wires the calls that write configurations, and try them. */
export function composeConfigurations(
  { database, limit }: Infrastructure,
  { audit }: Pick<AuditTrail, 'audit'>,
  { credentials, senderOf }: Pick<Messaging, 'credentials' | 'senderOf'>,
  { findAdministrator }: Pick<Policies, 'findAdministrator'>,
  nextId: NextId,
): Route[] {
  return configurationRoutes({
    sql: database,
    findReach: createFindReach(findAdministrator),
    write: createWriteConfiguration({ database, credentials, audit, nextId }),
    tryConfiguration: createTryConfiguration({ database, senderOf, audit, nextId }),
    chooseLanguage: (accepted) => chooseLanguage(undefined, accepted),
    trialLimits: [
      limit({
        name: 'configuration-trial',
        perHour: TRIALS_PER_HOUR,
        key: (_request, response) => (response.locals.caller as Caller).userId,
      }),
    ],
  });
}
