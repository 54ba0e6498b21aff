import { randomUUID } from 'node:crypto';
import type { Audit } from './audit/index.js';
import { composeAudit } from './compose-audit.js';
import { createSnowflake } from './database/snowflake.js';
import { createWorkerLease } from './database/worker-lease.js';
import type { Infrastructure } from './infrastructure.js';
import { createCreateUser } from './operations/index.js';
import { createFindAccount, createRegisterPerson, unregisterPerson } from './people/index.js';
import { createAssignDefaultRole } from './policies/index.js';
import { createFinishSignUp, createProveSignUp, signUpStore as store } from './sign-in/index.js';
import type { KeyMaterial } from './tokens/index.js';

/** Whose act it is, where the same act done over HTTP would be the person's own. */
const OPERATOR = { type: 'system', id: 'operations' } as const;

/** Wires the operator's commands. `lease` must be held while one of them runs. */
export function composeOperations(infrastructure: Infrastructure, material: Pick<KeyMaterial, 'audit'>) {
  const { config, database, accounts, logger } = infrastructure;
  const lease = createWorkerLease({
    database,
    range: config.snowflake.workerIds,
    holder: `operations-${randomUUID()}`,
    monotonicNow: () => performance.now(),
    logger,
  });
  const nextId = createSnowflake({ workerId: lease.workerId, floor: lease.floor, now: Date.now });
  const { audit } = composeAudit(infrastructure, material);
  const { phoneDormantDays: dormantDays } = config.people;
  const { register } = createRegisterPerson({
    nextId,
    onFirstArrival: createAssignDefaultRole({ nextId, audit }),
    audit: asOperator(audit),
  });
  const finish = createFinishSignUp({ database, store, accounts, unregister: unregisterPerson });
  const createUser = createCreateUser({
    database,
    store,
    accounts,
    findAccount: createFindAccount({ dormantDays }),
    prove: createProveSignUp({ database, store, register, finish, dormantDays }),
    nextId,
  });
  return { lease, createUser };
}

const asOperator = (audit: Audit): Pick<Audit, 'record'> => ({
  record: (sql, ...entries) => audit.record(sql, ...entries.map((entry) => ({ ...entry, actor: OPERATOR }))),
});
