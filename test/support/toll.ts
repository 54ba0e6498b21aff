import { randomInt } from 'node:crypto';
import { sql } from './database.js';
import { recipientIndex } from './ledger.js';

/** A thousand numbers that nothing else in the suite asks for, but by a chance of one in ten thousand. */
export function numberBlock(): { number(): string } {
  const block = `+8470${String(randomInt(10_000)).padStart(4, '0')}`;
  let next = randomInt(100);
  return { number: () => `${block}${String(next++).padStart(3, '0')}` };
}

/** An IPv4 /24 of its own. */
export function addressBlock(): { address(): string } {
  const block = `10.${randomInt(256)}.${randomInt(256)}`;
  let next = 0;
  return { address: () => `${block}.${next++ % 256}` };
}

/** Why the newest message to a number was not sent; null when it was to be. */
export async function outcomeFor(phone: string): Promise<{ status: string; error_class: string | null }> {
  const [row] = await sql<{ status: string; error_class: string | null }>(
    `SELECT status, error_class FROM identity."Message"
     WHERE recipient_index = $1 ORDER BY created_at DESC, id DESC LIMIT 1`,
    [recipientIndex(phone)],
  );
  if (!row) throw new Error(`nothing was promised to ${phone}`);
  return row;
}
