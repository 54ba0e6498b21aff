import { z } from 'zod';
import { DONE, defineOperation, NOT_DONE, USED_WRONGLY } from './operation.js';

const usage = `ops after-restore --yes
    after PostgreSQL was restored from a backup, before servers start: ends every session, here and in Keycloak, and what
    else a backup brings back to life (docs/runbook/restore.md)`;

export const afterRestoreCommand = defineOperation({
  usage,
  schema: z.object({ yes: z.boolean().default(false) }),
  flags: ['yes'],
  async run({ afterRestore, database, record, visitor, say }, { yes }) {
    if (!yes) {
      say(`Everybody has to sign in again: say --yes.\n${usage}`);
      return USED_WRONGLY;
    }
    const running = await afterRestore.running();
    if (running.length > 0) {
      say(`Not done: stop every server first, and wait 20 seconds. Still running: ${running.join(', ')}`);
      return NOT_DONE;
    }
    const subject = { type: 'audit', id: 'restore' } as const;
    await record(database, { action: 'database.restored', subject });
    const { sessions, devices, heldBack } = await afterRestore.endHere();
    say(`Ended ${sessions} sessions and ${devices} known devices.`);
    say(
      `Held back ${heldBack} messages that waited at the backup and may have been sent since: ops replay sends one.`,
    );
    const { looks } = await afterRestore.endInKeycloak(visitor.requestId);
    say(`Ended every session in Keycloak; ${looks} people will be compared with it.`);
    say(
      'By hand: revoke again what was revoked since the backup (npm run keys -- list, credentials of services), then start the servers.',
    );
    return DONE;
  },
});
