import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Audit } from './audit/index.js';
import { composeAudit } from './compose-audit.js';
import { createSnowflake } from './database/snowflake.js';
import { createWorkerLease } from './database/worker-lease.js';
import type { Visitor } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import { createListMessages, createReplayMessage } from './messaging/index.js';
import {
  createAfterRestore,
  createCreateUser,
  createImportUser,
  createImportUsers,
  importStore,
  OPERATOR,
  type OperationTools,
} from './operations/index.js';
import { createLiftLock } from './otp/index.js';
import { createFindAccount, createRegisterPerson, lookUpPerson, unregisterPerson } from './people/index.js';
import { createAssignDefaultRole, createDescribeSubject, createPolicyCache } from './policies/index.js';
import { purgeEverything } from './purge-everything.js';
import { createEndSessions, createListSessions, createRelayEnds } from './sessions/index.js';
import {
  createFinishSignUp,
  createProveSignUp,
  identifierByShape,
  signUpStore as store,
} from './sign-in/index.js';
import type { KeyMaterial } from './tokens/index.js';

/** Who runs a command, by the name that the audit trail keeps, and from where. */
export interface OperatorAtWork {
  name: string;
  visitor: Visitor;
}

/** Wires the operator's commands. `lease` must be held while one of them runs. */
export function composeOperations(
  infrastructure: Infrastructure,
  material: Pick<KeyMaterial, 'audit'>,
  operator: OperatorAtWork,
) {
  const { config, database, redis, accounts, admin, logger } = infrastructure;
  const monotonicNow = () => performance.now();
  const lease = createWorkerLease({
    database,
    range: config.snowflake.workerIds,
    holder: `operations-${randomUUID()}`,
    monotonicNow,
    logger,
  });
  const nextId = createSnowflake({ workerId: lease.workerId, floor: lease.floor, now: Date.now });
  const trail = composeAudit(infrastructure, material).audit;
  const audit = byOperator(trail, operator.name);
  const { phoneDormantDays: dormantDays } = config.people;
  const { register, registerProfile } = createRegisterPerson({
    nextId,
    onFirstArrival: createAssignDefaultRole({ nextId, audit: trail }),
    audit: asOperator(audit),
  });
  const finish = createFinishSignUp({ database, store, accounts, unregister: unregisterPerson });
  const tools: Omit<OperationTools, 'readLine' | 'readLines' | 'say'> = {
    database,
    visitor: operator.visitor,
    createUser: createCreateUser({
      database,
      store,
      accounts,
      findAccount: createFindAccount({ dormantDays }),
      prove: createProveSignUp({ database, store, register, finish, dormantDays }),
      nextId,
    }),
    importUsers: createImportUsers({
      importUser: createImportUser({
        database,
        store: importStore,
        accounts,
        imported: infrastructure.importedAccounts,
        register: registerProfile,
        unregister: unregisterPerson,
        visitor: operator.visitor,
      }),
      pause,
    }),
    afterRestore: createAfterRestore({ database, keycloak: admin, now: Date.now }),
    purge: () => purgeEverything(infrastructure),
    hashMemoryKib: config.keycloak.argon2MemoryKib,
    findPerson: (text) => lookUpPerson(database, { id: text, identifier: identifierByShape(text) }),
    listSessions: createListSessions(database, config.sessions.idleTtlS),
    endSessions: createEndSessions({
      database,
      audit,
      relay: createRelayEnds({ database, keycloak: admin }),
      logger,
    }),
    describeSubject: createDescribeSubject({
      database,
      policies: createPolicyCache({ database, monotonicNow }),
    }),
    liftLock: createLiftLock({ redis }),
    listMessages: createListMessages(database),
    // The worker's relay is another process: PostgreSQL tells it.
    replayMessage: createReplayMessage({ onReplayed: () => undefined }),
    record: (sql, act) => audit.record(sql, { ...act, actor: OPERATOR, visitor: operator.visitor }),
  };
  return { lease, tools };
}

/** Which operator it was stands in clear beside the act: `visitor`, where it also is, is sealed with the subject's values. */
const byOperator = (audit: Audit, operator: string): Pick<Audit, 'record'> => ({
  record: (sql, ...entries) =>
    audit.record(sql, ...entries.map((entry) => ({ ...entry, after: { ...entry.after, operator } }))),
});

const asOperator = (audit: Pick<Audit, 'record'>): Pick<Audit, 'record'> => ({
  record: (sql, ...entries) => audit.record(sql, ...entries.map((entry) => ({ ...entry, actor: OPERATOR }))),
});
