import { createHmac } from 'node:crypto';
import {
  auditRoutes,
  createAudit,
  createAuditReader,
  createRefusalCounter,
  createSubjectKeys,
} from './audit/index.js';
import { createSealedText } from './database/sealed-text.js';
import type { Infrastructure } from './infrastructure.js';
import type { KeyMaterial } from './tokens/index.js';

export type AuditTrail = ReturnType<typeof composeAudit>;

/** Wires the audit trail (P12). */
export function composeAudit(
  { database, logger }: Infrastructure,
  { audit: key }: Pick<KeyMaterial, 'audit'>,
) {
  const keys = createSubjectKeys({
    master: createSealedText(key),
    monotonicNow: () => performance.now(),
  });
  const audit = createAudit(keys);
  const refusals = createRefusalCounter({
    database,
    keys,
    hmacKey: createHmac('sha256', key).update('refusal sources').digest(),
    now: Date.now,
    logger,
  });
  return {
    audit,
    countRefusal: refusals.count,
    /** Waits for the counts that are under way. */
    settled: refusals.settled,
    routes: auditRoutes({ database, audit, reader: createAuditReader({ database, keys }) }),
  };
}
