import { purgeExpired } from './database/purge-expired.js';
import type { Infrastructure } from './infrastructure.js';
import type { Running } from './running.js';
import { createEndSessions } from './sessions/index.js';

const RELAY_EVERY_MS = 2000;
const PURGE_EVERY_MS = 60_000;

/** The background process: relays what was promised and could not be done at once. */
export function startWorker({ database, admin, logger }: Infrastructure): Running {
  const endSessions = createEndSessions({ database, keycloak: admin, logger });
  let stopped = false;
  let wake: () => void = () => undefined;

  async function relay(): Promise<void> {
    while (!stopped) {
      await endSessions.relayToKeycloak().catch((error: unknown) => {
        logger.warn({ err: error }, 'ended sessions could not be relayed to Keycloak');
      });
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, RELAY_EVERY_MS).unref();
      });
    }
  }

  const purge = setInterval(() => {
    purgeExpired(database).catch((error: unknown) =>
      logger.warn({ err: error }, 'expired rows were not deleted'),
    );
  }, PURGE_EVERY_MS).unref();
  const relaying = relay();
  return {
    async stop() {
      stopped = true;
      clearInterval(purge);
      wake();
      await relaying;
    },
  };
}
