import type { Database } from '../database/database.js';
import type { KeycloakAdmin } from '../keycloak-gateway/index.js';
import { lookAtEverybody } from '../keycloak-news/index.js';
import { holdBackUnsent } from '../messaging/index.js';
import { endEveryDevice } from '../people/index.js';
import { endEverySession } from '../sessions/index.js';
import { readLiveReplicas } from '../tokens/index.js';

const DAY_MS = 86_400_000;

export interface AfterRestore {
  /** Names of servers that still run; nothing is done while there is one. */
  running(): Promise<string[]>;
  /** Ends here what a backup has brought back to life. Once more, it goes on where it was cut off. */
  endHere(): Promise<{ sessions: number; devices: number; heldBack: number }>;
  /** The same in Keycloak, and everybody is compared with it. @throws Problem `keycloak.unavailable` (503) */
  endInKeycloak(occasion: string): Promise<{ looks: number }>;
}

/** Decision 0033 says what and why. */
export function createAfterRestore(options: {
  database: Database;
  keycloak: Pick<KeycloakAdmin, 'endEverySession'>;
  now: () => number;
}): AfterRestore {
  const { database, keycloak, now } = options;
  return {
    running: async () => (await readLiveReplicas(database)).map(({ name }) => name),
    async endHere() {
      // First: what follows writes revocations and epochs, and those must be above what sisters know.
      await database.query('SELECT identity.outrun_backup()');
      // Whatever clock they were opened by: no server runs that could open another.
      const sessions = await endEverySession(database, new Date(now() + DAY_MS), {
        by: 'operations',
        reason: 'restored',
      });
      return { sessions, devices: await endEveryDevice(database), heldBack: await holdBackUnsent(database) };
    },
    async endInKeycloak(occasion) {
      await keycloak.endEverySession();
      return { looks: await lookAtEverybody(database, occasion) };
    },
  };
}
