import type { AuditTrail } from './compose-audit.js';
import { consentRoutes, createWriteConsent } from './consents/index.js';
import type { NextId } from './database/snowflake.js';
import type { Caller, Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';

/** Rows are kept for good: nobody makes many. */
const WRITES_PER_HOUR = 60;

/** Wires what people agree to (X2). */
export function composeConsents(
  { database, limit }: Infrastructure,
  { audit }: Pick<AuditTrail, 'audit'>,
  nextId: NextId,
): Route[] {
  return consentRoutes({
    sql: database,
    write: createWriteConsent({ database, audit, nextId }),
    limits: [
      limit({
        name: 'consent',
        perHour: WRITES_PER_HOUR,
        key: (_request, response) => (response.locals.caller as Caller).userId,
      }),
    ],
  });
}
