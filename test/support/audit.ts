import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditEntry, createAudit, createAuditReader, createSubjectKeys } from '../../src/audit/index.js';
import { createDatabase, type Database } from '../../src/database/database.js';
import { createSealedText } from '../../src/database/sealed-text.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { KEY_FILES } from '../../src/tokens/key-files.js';
import { testParts } from '../parts.js';
import { sql } from './database.js';

/** The key that the services of the tests hold. */
export const auditKey = (): Buffer =>
  Buffer.from(readFileSync(join(testParts().keysDir, KEY_FILES.audit), 'utf8').trim(), 'base64url');

/** The trail as a process of its own would have it: nothing remembered. */
export function openTrail(database: Database) {
  const keys = createSubjectKeys({ master: createSealedText(auditKey()), monotonicNow: () => 0 });
  return { keys, audit: createAudit(keys), reader: createAuditReader({ database, keys }) };
}

/** With the rights of one group alone, as where server and worker are processes of their own. */
export const databaseAs = (role: 'nx_app' | 'nx_worker'): Database =>
  createDatabase({
    url: `${testParts().postgres.appUrl}?options=${encodeURIComponent(`-c role=${role}`)}`,
    poolSize: 4,
    logger: createLogger({ level: 'silent' }),
  });

/** What the trail says of a subject, the oldest first. */
export async function eventsOf(database: Database, subjectId: string) {
  const { events } = await openTrail(database).reader.read({ subjectId }, { limit: 200 });
  return events.reverse();
}

export const visitor = { address: '192.0.2.44', agent: 'agent of a test', requestId: 'request-of-a-test' };

/** An entry of a user about themselves. */
export const entryOf = (userId: string, extra: Partial<AuditEntry> = {}): AuditEntry => ({
  actor: { type: 'user', id: userId },
  action: 'session.opened',
  subject: { type: 'user', id: userId },
  visitor,
  ...extra,
});

/** As it is stored, every row and column. */
export const stored = async (): Promise<string> =>
  JSON.stringify([
    await sql('SELECT * FROM identity."AuditEvent"'),
    await sql('SELECT * FROM identity."RefusalCount"'),
    await sql('SELECT * FROM identity."SubjectKey"'),
  ]);
