import type { Sql } from '../database/database.js';
import type { Actor, AuditEntry, ImpersonalEntry, Subject } from './audit-entry.js';
import { type SealedValues, sealValues } from './personal-values.js';
import type { KeyOwner, SubjectKeys } from './subject-keys.js';

const LONGEST_AGENT = 512;

export interface Audit {
  /** Writes down what was done, in the transaction that does it: rolled back with it. */
  record(sql: Sql, ...entries: AuditEntry[]): Promise<void>;
  /** The same for an act of one statement: the value of `insertAudit`'s parameter. */
  prepare(sql: Sql, ...entries: AuditEntry[]): Promise<string>;
}

/** Columns of an entry, as the database takes them in one JSON parameter. */
const COLUMNS = {
  actor_type: 'text',
  actor_id: 'text',
  action: 'text',
  subject_type: 'text',
  subject_id: 'text',
  tenant_id: 'text',
  before: 'jsonb',
  after: 'jsonb',
  request_id: 'text',
  personal: 'jsonb',
};
const NAMES = Object.keys(COLUMNS).join(', ');
const TYPED = Object.entries(COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ');

/** The statement that writes entries; inside a WITH it belongs to the act whose rows `condition` looks at. */
export const insertAudit = (parameter: string, condition = 'true'): string => `
  INSERT INTO identity."AuditEvent" (${NAMES})
  SELECT ${NAMES} FROM jsonb_to_recordset(${parameter}::jsonb) AS entry (${TYPED}) WHERE ${condition}`;

export function createAudit(keys: SubjectKeys): Audit {
  async function personalOf(sql: Sql, entry: AuditEntry): Promise<SealedValues[]> {
    const { visitor, actor, subject, personal } = entry;
    const sealed: SealedValues[] = [];
    const from = ownerOf(actor) ?? ownerOf(subject);
    if (from) {
      const { address, agent } = visitor;
      sealed.push(await sealValues(keys, sql, from, { address, agent: agent.slice(0, LONGEST_AGENT) }));
    }
    const whose = ownerOf(subject);
    if (whose && personal) sealed.push(await sealValues(keys, sql, whose, personal));
    return sealed;
  }

  async function prepare(sql: Sql, ...entries: AuditEntry[]): Promise<string> {
    const rows: object[] = [];
    for (const entry of entries) {
      const { requestId } = entry.visitor;
      rows.push({ ...columns({ ...entry, requestId }), personal: await personalOf(sql, entry) });
    }
    return JSON.stringify(rows);
  }

  return {
    prepare,
    record: async (sql, ...entries) => {
      if (entries.length > 0) await sql.query(insertAudit('$1'), [await prepare(sql, ...entries)]);
    },
  };
}

/** For jobs and the worker, which hold no keys: acts that hold nobody's own values. */
export async function recordImpersonal(sql: Sql, ...entries: ImpersonalEntry[]): Promise<void> {
  if (entries.length > 0) await sql.query(insertAudit('$1'), [JSON.stringify(entries.map(columns))]);
}

function columns({ actor, action, subject, tenantId, before, after, requestId }: ImpersonalEntry) {
  return {
    actor_type: actor.type,
    actor_id: actor.id,
    action,
    subject_type: subject?.type,
    subject_id: subject?.id,
    tenant_id: tenantId,
    before,
    after,
    request_id: requestId,
  };
}

/** Administrators are users: one key a person. */
function ownerOf(who: Actor | Subject | undefined): KeyOwner | undefined {
  if (who?.id === undefined) return undefined;
  if (who.type === 'user' || who.type === 'admin') return { type: 'user', id: who.id };
  return who.type === 'service' ? { type: 'service', id: who.id } : undefined;
}
