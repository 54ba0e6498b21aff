import type { Sql } from '../database/database.js';
import type { SealedText } from '../database/sealed-text.js';
import type { Logger } from '../telemetry/logger.js';
import { credentialPlace } from './credentials.js';

interface Row {
  id: string;
  code: string;
  merchant_id: string | null;
  credential: string;
}

/**
 * Seals every credential with the current key, while reads and writes go on: each row is replaced only as it was
 * read, so a credential that somebody changes meanwhile stays theirs. May be broken off and run again.
 * @returns how many were sealed anew, and how many cannot be opened by any key
 */
export async function resealCredentials(options: {
  sql: Sql;
  sealed: SealedText;
  logger: Logger;
}): Promise<{ resealed: number; unusable: number }> {
  const { sql, sealed, logger } = options;
  const rows = await sql.query<Row>(
    'SELECT id, code, merchant_id, credential FROM public."Configuration" WHERE credential IS NOT NULL',
  );
  let resealed = 0;
  let unusable = 0;
  for (const row of rows.filter(({ credential }) => !sealed.isCurrent(credential))) {
    const place = credentialPlace({ id: row.id, merchantId: row.merchant_id });
    try {
      const envelope = sealed.seal(sealed.open(row.credential, place), place);
      const replaced = await sql.query(
        'UPDATE public."Configuration" SET credential = $3 WHERE id = $1 AND credential = $2 RETURNING id',
        [row.id, row.credential, envelope],
      );
      resealed += replaced.length;
    } catch (error) {
      unusable += 1;
      logger.error({ err: error, configuration: row.id, code: row.code }, 'a credential was not resealed');
    }
  }
  return { resealed, unusable };
}
