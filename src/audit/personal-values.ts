import type { Sql } from '../database/database.js';
import { createSealedText } from '../database/sealed-text.js';
import { type KeyOwner, ownerName, type SubjectKeys } from './subject-keys.js';

export type PersonalValues = Record<string, string | null>;

/** How a row keeps them: whose they are, and the values sealed under that one's key. */
export interface SealedValues {
  of: string;
  sealed: string;
}

const context = (name: string): string => `identity.AuditEvent/${name}/personal`;

export async function sealValues(
  keys: SubjectKeys,
  sql: Sql,
  owner: KeyOwner,
  values: PersonalValues,
): Promise<SealedValues> {
  const name = ownerName(owner);
  const key = await keys.forSealing(sql, owner);
  return { of: name, sealed: createSealedText(key).seal(JSON.stringify(values), context(name)) };
}

/** Every value whose key is still there; null when there is none. */
export function openValues(
  keys: ReadonlyMap<string, Buffer>,
  stored: readonly SealedValues[],
): PersonalValues | null {
  const values = stored.flatMap(({ of, sealed }) => {
    const key = keys.get(of);
    const opened = key && openOne(key, of, sealed);
    return opened ? [opened] : [];
  });
  return values.length > 0 ? Object.assign({}, ...values) : null;
}

/** Undefined when it was sealed with a key that has been dropped since: another has come in its place. */
function openOne(key: Buffer, of: string, sealed: string): PersonalValues | undefined {
  try {
    return JSON.parse(createSealedText(key).open(sealed, context(of)));
  } catch {
    return undefined;
  }
}
