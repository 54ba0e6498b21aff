import { startMessaging } from './compose-messaging.js';
import { purgeExpired } from './database/purge-expired.js';
import type { Infrastructure } from './infrastructure.js';
import type { Running } from './running.js';
import { createEndSessions } from './sessions/index.js';
import { readMessageKeys } from './tokens/index.js';

const RELAY_EVERY_MS = 2000;
const PURGE_EVERY_MS = 60_000;

/**
 * The background process: sends messages, and relays what was promised and could not be done at once.
 * @throws UnusableKeys before anything starts (T4)
 */
export function startWorker(infrastructure: Infrastructure): Running {
  const { config, database, admin, logger } = infrastructure;
  const messaging = startMessaging(infrastructure, readMessageKeys(config.tokens.keysDir));
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
      await Promise.all([relaying, messaging.stop()]);
    },
  };
}
