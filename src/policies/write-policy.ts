import { types } from 'node:util';
import type { Audit } from '../audit/index.js';
import type { Database, Sql, Transaction } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import type { Visitor } from '../http/route.js';
import type { EmitToUser } from '../redis/emit-to-user.js';
import { type Administrator, requireAdministrator } from './administrator.js';
import { checkGivenRole, checkShape } from './check-shape.js';
import { policyErrors } from './errors.js';
import {
  bearerOf,
  compareRights,
  type Difference,
  NO_DIFFERENCE,
  placesConcerned,
  requireAdministratorsLeft,
  requireHeld,
  requireInside,
} from './judge-write.js';
import { loadPolicies } from './load-policies.js';
import type { PolicyChangeDraft, PolicyDraft } from './policy-schema.js';
import { deletePolicy, hasSuchPolicy, insertPolicy, lockPolicy, updatePolicy } from './policy-store.js';
import { checkMember, checkReferences } from './references.js';
import { changePolicy, type NewPolicy, placeOf, type StoredPolicy, toNewPolicy } from './stored-policy.js';

/** Who writes, and whether it is only to be seen what would happen. */
export interface WriteContext {
  userId: string;
  visitor: Visitor;
  dryRun: boolean;
}

export interface DryRun extends Difference {
  reaches: 'subject' | 'role' | 'domain' | 'everybody';
}

/** The row as it is now; undefined when it is gone, or nothing was to be done. */
export interface Written {
  policy?: StoredPolicy;
  dryRun?: DryRun;
}

export interface WritePolicies {
  create(draft: PolicyDraft, context: WriteContext): Promise<Written>;
  change(id: string, change: PolicyChangeDraft, context: WriteContext): Promise<Written>;
  remove(id: string, context: WriteContext): Promise<Written>;
}

interface Write {
  action: 'policy.created' | 'policy.changed' | 'policy.removed';
  before?: StoredPolicy;
  /** What is asked for; undefined when the row goes. */
  wanted?: NewPolicy;
  store(sql: Sql): Promise<StoredPolicy | undefined>;
}

/** Carries the answer out of a transaction that leaves nothing behind. */
class Rehearsed extends Error {
  constructor(readonly result: DryRun) {
    super('a dry run');
  }
}

/**
 * Writes of PolicyDefinition by administrators and owners (contract §5): judged, written, and judged by what came of it,
 * in one transaction with its row in the audit trail.
 * @throws Problem of `policyErrors`, or `request.not_found` for what lies outside the writer's domains
 */
export function createWritePolicies(options: {
  database: Database;
  audit: Pick<Audit, 'record'>;
  nextId: NextId;
  emitToUser: EmitToUser;
}): WritePolicies {
  const { database, audit, nextId, emitToUser } = options;

  async function perform(sql: Transaction, writer: Administrator, write: Write, context: WriteContext) {
    const rows = [write.before, write.wanted].filter((one) => one !== undefined);
    const about = rows.at(-1) as NewPolicy;
    const bearer = bearerOf(about);
    const before = bearer && (await loadPolicies(sql, bearer));
    const policy = await write.store(sql);
    // From here on writers of policies take turns; what could not be enforced is refused here.
    await sql.query('SET CONSTRAINTS public.policy_epoch IMMEDIATE');
    const after = bearer && (await loadPolicies(sql, bearer));
    const isCompared = before && after && (context.dryRun || writer.domains);
    const difference = isCompared
      ? compareRights(before, after, placesConcerned(writer, rows, [before, after]))
      : NO_DIFFERENCE;
    const given = write.wanted && (await loadGivenRole(sql, write.wanted));
    if (given && write.wanted) checkGivenRole(write.wanted, given);
    requireHeld(writer, difference, placeOf(about), given);
    if (write.before && writer.domains === undefined) await requireAdministratorsLeft(sql);
    if (context.dryRun) throw new Rehearsed({ ...difference, reaches: reachOf(about) });
    await record(sql, write.action, write.before, policy, context);
    if (bearer?.type === 'User' && after) tell(sql, bearer.id, after.version);
    return policy === undefined ? {} : { policy };
  }

  function tell(sql: Transaction, userId: string, policyVersion: number): void {
    sql.afterCommit(() => emitToUser(userId, 'identity.permissions-changed', { policyVersion }));
  }

  async function record(
    sql: Sql,
    action: Write['action'],
    before: StoredPolicy | undefined,
    after: StoredPolicy | undefined,
    { userId, visitor }: WriteContext,
  ): Promise<void> {
    await audit.record(sql, {
      actor: { type: 'admin', id: userId },
      action,
      subject: { type: 'policy', id: (after ?? before)?.id ?? '' },
      ...(before ? { before: forTrail(before) } : {}),
      ...(after ? { after: forTrail(after) } : {}),
      visitor,
    });
  }

  /** Runs a write by somebody whose rights are read in the same transaction. */
  const run = (
    context: WriteContext,
    prepare: (sql: Transaction, writer: Administrator) => Promise<Write>,
  ): Promise<Written> =>
    database
      .transaction(async (sql) => {
        const own = await loadPolicies(sql, { type: 'User', id: context.userId });
        const writer = requireAdministrator(context.userId, own);
        return perform(sql, writer, await prepare(sql, writer), context);
      })
      .catch((error: unknown) => {
        if (error instanceof Rehearsed) return { dryRun: error.result };
        throw refusalOf(error);
      });

  async function findForWrite(sql: Sql, writer: Administrator, id: string): Promise<StoredPolicy> {
    const stored = await lockPolicy(sql, id);
    if (!stored || !isVisible(writer, stored)) throw new Problem(requestErrors.not_found);
    requireInside(writer, stored);
    if (stored.origin === 'keycloak') throw new Problem(policyErrors.kept_elsewhere);
    return stored;
  }

  async function checkWanted(sql: Sql, writer: Administrator, wanted: NewPolicy, id: string | null) {
    requireInside(writer, wanted);
    checkShape(wanted);
    await checkMember(sql, writer, wanted);
    await checkReferences(sql, wanted);
    if (await hasSuchPolicy(sql, wanted, id)) throw new Problem(policyErrors.exists);
  }

  return {
    create: (draft, context) =>
      run(context, async (sql, writer) => {
        const wanted = toNewPolicy(draft);
        await checkWanted(sql, writer, wanted, null);
        const id = nextId();
        return { action: 'policy.created', wanted, store: (one) => insertPolicy(one, id, wanted) };
      }),
    change: (id, change, context) =>
      run(context, async (sql, writer) => {
        const before = await findForWrite(sql, writer, id);
        const wanted = changePolicy(before, change);
        await checkWanted(sql, writer, wanted, id);
        return { action: 'policy.changed', before, wanted, store: (one) => updatePolicy(one, wanted) };
      }),
    remove: (id, context) =>
      run(context, async (sql, writer) => {
        const before = await findForWrite(sql, writer, id);
        const store = async (one: Sql) => void (await deletePolicy(one, id));
        return { action: 'policy.removed', before, store: store as Write['store'] };
      }),
  };
}

/** To an owner a row that counts everywhere is as little there as one of another organizer. */
function isVisible({ domains }: Administrator, policy: StoredPolicy): boolean {
  const place = placeOf(policy);
  return domains === undefined || (place !== undefined && domains.has(place));
}

const loadGivenRole = async (sql: Sql, { variant, targetId }: NewPolicy) =>
  variant === 'assign_role' || variant === 'group'
    ? await loadPolicies(sql, { type: 'Role', id: targetId })
    : undefined;

function reachOf({ variant, subjectType }: NewPolicy): DryRun['reaches'] {
  if (variant === 'domain_inherits') return 'domain';
  if (variant === 'resource_inherits' || variant === 'action_inherits') return 'everybody';
  return subjectType === 'Role' ? 'role' : 'subject';
}

/** Metadata is whatever somebody wrote: it stays out. */
function forTrail({
  metadata: _,
  createdAt: __,
  modifiedAt: ___,
  ...rest
}: StoredPolicy): Record<string, unknown> {
  return rest;
}

/** What the table's trigger refused, as an answer. */
function refusalOf(error: unknown): unknown {
  if (!types.isNativeError(error) || !('code' in error)) return error;
  if (error.code === 'NX001') return new Problem(policyErrors.circle);
  return error.code === 'NX002' ? new Problem(policyErrors.too_deep) : error;
}
