import { keepPartitions, moveRefusals } from './audit/index.js';
import { startMessaging } from './compose-messaging.js';
import { purgeExpired } from './database/purge-expired.js';
import type { Infrastructure } from './infrastructure.js';
import { unregisterPerson } from './people/index.js';
import type { Running } from './running.js';
import { createRelayEnds, endUnredeemed } from './sessions/index.js';
import { createFinishSignUp, createTendSignUps, signUpStore } from './sign-in/index.js';
import { readMessageKeys } from './tokens/index.js';

const RELAY_EVERY_MS = 2000;
const TEND_SIGN_UPS_EVERY_MS = 10_000;
const PURGE_EVERY_MS = 60_000;
const MOVE_REFUSALS_EVERY_MS = 10_000;
const KEEP_PARTITIONS_EVERY_MS = 3_600_000;

/**
 * The background process: sends messages, relays what was promised and could not be done at once, and keeps the tables
 * in shape.
 * @throws UnusableKeys before anything starts (T4)
 */
export function startWorker(infrastructure: Infrastructure): Running {
  const { config, database, admin, accounts, logger } = infrastructure;
  const messaging = startMessaging(infrastructure, readMessageKeys(config.tokens.keysDir));
  const { relayToKeycloak } = createRelayEnds({ database, keycloak: admin });
  const partitions = () => keepPartitions(database, config.audit.retentionMonths);

  const tendSignUps = createTendSignUps({
    database,
    store: signUpStore,
    accounts,
    finish: createFinishSignUp({ database, store: signUpStore, accounts, unregister: unregisterPerson }),
  });

  const chores = [
    every(RELAY_EVERY_MS, relayToKeycloak, 'ended sessions could not be relayed to Keycloak'),
    every(TEND_SIGN_UPS_EVERY_MS, tendSignUps, 'unfinished sign-ups were not tended'),
    every(PURGE_EVERY_MS, () => endUnredeemed(database), 'unredeemed sessions were not ended'),
    every(PURGE_EVERY_MS, () => purgeExpired(database), 'expired rows were not deleted'),
    every(
      MOVE_REFUSALS_EVERY_MS,
      () => moveRefusals(database),
      'refusals were not brought into the audit trail',
    ),
    every(KEEP_PARTITIONS_EVERY_MS, partitions, "the audit trail's partitions were not kept"),
  ];
  return {
    async stop() {
      await Promise.all([messaging.stop(), ...chores.map((chore) => chore.stop())]);
    },
  };

  /** At once, and again so long after each end: never twice at a time. */
  function every(ms: number, work: () => Promise<unknown>, failure: string): Running {
    let stopped = false;
    let wake: () => void = () => undefined;
    const running = (async () => {
      while (!stopped) {
        await work().catch((error: unknown) => logger.warn({ err: error }, failure));
        await new Promise<void>((resolve) => {
          wake = resolve;
          setTimeout(resolve, ms).unref();
        });
      }
    })();
    return {
      async stop() {
        stopped = true;
        wake();
        await running;
      },
    };
  }
}
