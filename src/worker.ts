import { observeOutboxes } from './administration/observe-outboxes.js';
import { keepPartitions, moveRefusals } from './audit/index.js';
import { type Chore, startChore } from './chore.js';
import { startMessaging } from './compose-messaging.js';
import { purgeExpired } from './database/purge-expired.js';
import type { Infrastructure } from './infrastructure.js';
import { addNews, createRereadEvents } from './keycloak-news/index.js';
import { createAnnounceProfiles, createRelayStandings, unregisterPerson } from './people/index.js';
import { createEmitToUser } from './redis/emit-to-user.js';
import type { Running } from './running.js';
import { createAnnounceEnds, createRelayEnds, endIdle, endUnredeemed } from './sessions/index.js';
import { createFinishSignUp, createTendSignUps, signUpStore } from './sign-in/index.js';
import {
  createRevocationMirror,
  createRevocations,
  dropStatusLists,
  readMessageKeys,
} from './tokens/index.js';

const MINUTE = 60_000;

/**
 * The background process: sends messages, relays what was promised and could not be done at once, and keeps the tables
 * in shape.
 * @throws UnusableKeys before anything starts (T4)
 */
export function startWorker(infrastructure: Infrastructure): Running {
  const { config, database, redis, admin, accounts, logger } = infrastructure;
  const messaging = startMessaging(infrastructure, readMessageKeys(config.tokens.keysDir));
  const { relayToKeycloak } = createRelayEnds({ database, keycloak: admin });
  const emitToUser = createEmitToUser({ redis, logger });
  const partitions = () => keepPartitions(database, config.audit.retentionMonths);

  const tendSignUps = createTendSignUps({
    database,
    store: signUpStore,
    accounts,
    finish: createFinishSignUp({ database, store: signUpStore, accounts, unregister: unregisterPerson }),
  });

  const rereadEvents = createRereadEvents({
    database,
    realm: config.keycloak.realm,
    events: infrastructure.storedEvents,
    addNews,
  });

  const outboxes = observeOutboxes({ sql: database, metrics: infrastructure.metrics });
  const chores: Chore[] = [
    {
      every: 2000,
      work: relayToKeycloak,
      complaint: 'ended sessions could not be relayed to Keycloak',
    },
    {
      every: 2000,
      work: createRelayStandings({ database, keycloak: accounts }),
      complaint: 'who was suspended could not be relayed to Keycloak',
    },
    {
      every: 1000,
      work: createRevocationMirror({
        redis,
        revocations: createRevocations(database),
        onRevoked: createAnnounceEnds({ database, emitToUser, logger }),
      }),
      complaint: 'what was revoked was not brought to Redis',
    },
    {
      every: 1000,
      work: createAnnounceProfiles({ database, emitToUser }),
      complaint: 'changed profiles were not announced',
    },
    { every: 10_000, work: tendSignUps, complaint: 'unfinished sign-ups were not tended' },
    {
      every: 10_000,
      work: () => moveRefusals(database),
      complaint: 'refusals were not brought into the audit trail',
    },
    { every: MINUTE / 2, work: rereadEvents, complaint: "Keycloak's events were not read again" },
    { every: MINUTE, work: () => endUnredeemed(database), complaint: 'unredeemed sessions were not ended' },
    {
      every: 10 * MINUTE,
      work: () => endIdle(database, config.sessions.idleTtlS),
      complaint: 'idle sessions were not ended',
    },
    { every: 5000, work: outboxes.refresh, complaint: 'the figures of outboxes were not read' },
    { every: MINUTE, work: () => purgeExpired(database), complaint: 'expired rows were not deleted' },
    {
      every: 60 * MINUTE,
      work: () => dropStatusLists(database),
      complaint: 'old status lists were not dropped',
    },
    { every: 60 * MINUTE, work: partitions, complaint: "the audit trail's partitions were not kept" },
  ];
  const running = chores.map((chore) => startChore(chore, logger));
  return {
    async stop() {
      await Promise.all([messaging.stop(), ...running.map((chore) => chore.stop())]);
    },
  };
}
