import type { Database, Sql, Transaction } from '../database/database.js';
import type { Identifier } from './identifier.js';
import { claimNotice, isFamiliarPlace, noteFirstDevice } from './sign-in-places.js';

/** Live devices a person may have; the one used longest ago makes room. */
const MOST = 5;

export interface Devices {
  /**
   * Notes a sign-in from a device and answers its id: the same as before when it is a live one of this person.
   * @param known as its token says
   * @param place whence, as far as it is told from other places
   */
  signedIn(userId: string, known: string | undefined, place: string): Promise<string>;
  /** Whether it is a live device of whoever has proven this identifier: it counts for nobody else's (contract §4). */
  counts(device: { userId: string; deviceId: string }, identifier: Identifier): Promise<boolean>;
}

/** @param onNewDevice tells the person, in the transaction of the device: of one from a place they don't use, once a day at most */
export function createDevices(options: {
  database: Database;
  newDeviceId: () => string;
  onNewDevice: (sql: Transaction, userId: string) => Promise<void>;
}): Devices {
  const { database, newDeviceId, onNewDevice } = options;
  return {
    signedIn: (userId, known, place) =>
      database.transaction(async (sql) => {
        // One at a time for a person, so that two new devices at once don't make six.
        await sql.query('SELECT FROM identity."User" WHERE id = $1 FOR NO KEY UPDATE', [userId]);
        const familiar = await isFamiliarPlace(sql, userId, place);
        const [used] = await sql.query<{ id: string }>(USE, [userId, known ?? null]);
        if (used) return used.id;
        const id = newDeviceId();
        await sql.query('INSERT INTO identity."Device" (id, user_id) VALUES ($1, $2)', [id, userId]);
        await sql.query(END_SURPLUS, [userId, MOST]);
        const tell = !familiar && (await claimNotice(sql, userId));
        await noteFirstDevice(sql, userId);
        if (tell) await onNewDevice(sql, userId);
        return id;
      }),
    async counts({ userId, deviceId }, { scheme, value }) {
      const [found] = await database.query(COUNTS, [deviceId, userId, scheme, value]);
      return found !== undefined;
    },
  };
}

/** Ends every device of a person, in the caller's transaction: after a change of phone or password, and with sign-out-all. */
export async function endDevices(sql: Sql, userId: string): Promise<void> {
  await sql.query('UPDATE identity."Device" SET ended_at = now() WHERE user_id = $1 AND ended_at IS NULL', [
    userId,
  ]);
}

/** After a restore: a device that was ended since the backup must not count again. @returns how many */
export async function endEveryDevice(sql: Sql): Promise<number> {
  const ended = await sql.query(
    'UPDATE identity."Device" SET ended_at = now() WHERE ended_at IS NULL RETURNING id',
  );
  return ended.length;
}

const LIVE = `ended_at IS NULL AND last_used_at > now() - interval '90 days'`;

const USE = `
  UPDATE identity."Device" SET last_used_at = now() WHERE user_id = $1 AND id = $2 AND ${LIVE} RETURNING id`;

const END_SURPLUS = `
  UPDATE identity."Device" SET ended_at = now() WHERE id IN (
    SELECT id FROM identity."Device" WHERE user_id = $1 AND ended_at IS NULL
    ORDER BY last_used_at DESC, created_at DESC, id OFFSET $2)`;

const COUNTS = `
  SELECT device.id FROM identity."Device" AS device
  JOIN identity."Identifier" AS held ON held.user_id = device.user_id
  WHERE device.id = $1 AND device.user_id = $2 AND held.scheme = $3 AND held.value = $4 AND ${LIVE}`;
