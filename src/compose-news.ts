import { randomUUID } from 'node:crypto';
import type { AuditTrail } from './compose-audit.js';
import type { Messaging } from './compose-messaging.js';
import type { Notices } from './compose-notices.js';
import type { Sessions } from './compose-sessions.js';
import { createBell } from './database/bell.js';
import { spendOnce } from './database/spend-once.js';
import type { Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import {
  createAnnounceMapping,
  createHandleNews,
  createNewsStore,
  createNotePassword,
  createRefreshPerson,
  createSettlePhone,
  createTakeMail,
  eventsRoute,
  mailRoute,
  runNewsDesk,
} from './keycloak-news/index.js';
import { createUpdateProfile } from './people/index.js';
import { createSyncRoles } from './policies/index.js';
import type { Running } from './running.js';

/** Wires what Keycloak tells by itself, through the bridge: its mails, and what happens in it. */
export function composeNews(
  infrastructure: Infrastructure,
  parts: {
    sessions: Pick<Sessions, 'endSessions' | 'nextId'>;
    messaging: Pick<Messaging, 'promiseMessage'>;
    notices: Pick<Notices, 'notify'>;
    trail: Pick<AuditTrail, 'audit'>;
  },
): { routes: Route[]; startDesk(): Running } {
  const { config, database, admin, accounts, standings, logger } = infrastructure;
  const { audit } = parts.trail;
  const { endSessions, nextId } = parts.sessions;
  const bell = createBell();
  const store = createNewsStore(database);
  const refreshPerson = createRefreshPerson({
    database,
    keycloak: standings,
    updateProfile: createUpdateProfile(audit),
    settlePhone: createSettlePhone({ accounts, audit }),
    syncRoles: createSyncRoles({ nextId, audit }),
    mapped: config.keycloak.roles,
    endSessions,
    audit,
  });
  const handle = createHandleNews({
    database,
    keycloak: standings,
    admin,
    endSessions,
    refreshPerson,
    notePassword: createNotePassword({ spendOnce, audit, notify: parts.notices.notify }),
    addNews: store.add,
    onAdded: bell.ring,
  });
  const announceMapping = createAnnounceMapping({
    database,
    mapped: config.keycloak.roles,
    addNews: store.add,
    now: Date.now,
    newId: randomUUID,
  });
  const { promiseMessage } = parts.messaging;
  const takeMail = createTakeMail({ database, spendOnce, promiseMessage, language: 'vi' });
  return {
    routes: [
      mailRoute({ takeMail }),
      eventsRoute({ database, realm: config.keycloak.realm, addNews: store.add, onAdded: bell.ring }),
    ],
    startDesk: () => runNewsDesk({ store, open: announceMapping, handle, bell, logger }),
  };
}
