import type { Database } from '../../database/database.js';
import { addNextKey, setActivation } from './change-keys.js';
import type { KeyFolder } from './key-folder.js';
import { type Activation, lockKeys, readSigningKeys } from './signing-key.js';
import { takeUp } from './tend-keys.js';

/** No server has ever started on this database, and there is no key file either. */
export class NoKeyYet extends Error {}

export type RotateKey = (activation?: Activation) => Promise<{ kid: string; made: boolean }>;

/**
 * Begins a rotation, or goes on with the one that is under way: of many at once, one makes the key. The file comes
 * before the row, so that whoever comes after a crash between the two finds it and makes no second one.
 * @throws FolderReadOnly when a key has to be made and can't be; NoKeyYet
 */
export function createRotateKey(options: { database: Database; folder: KeyFolder }): RotateKey {
  const { database, folder } = options;
  return (activation) =>
    database.transaction(async (sql) => {
      await lockKeys(sql);
      await takeUp(sql, await folder.read());
      const keys = await readSigningKeys(sql);
      if (keys.length === 0) throw new NoKeyYet();
      const next = keys.find(({ state }) => state === 'next');
      if (next) {
        if (activation) await setActivation(sql, next.kid, activation);
        return { kid: next.kid, made: false };
      }
      const key = await folder.make();
      await addNextKey(sql, key, activation ?? 'after_lead');
      return { kid: key.kid, made: true };
    });
}
