import { types } from 'node:util';
import type { Actor, Audit } from '../audit/index.js';
import type { Sql, Transaction } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import type { Visitor } from '../http/route.js';
import type { EmitToUser } from '../redis/emit-to-user.js';
import { type Administrator, OWNER_ROLE } from './administrator.js';
import { checkGivenRole } from './check-shape.js';
import { policyErrors } from './errors.js';
import {
  bearerOf,
  compareRights,
  type Difference,
  hasOwner,
  NO_DIFFERENCE,
  placesConcerned,
  requireAdministratorsLeft,
  requireHeld,
} from './judge-write.js';
import { loadPolicies } from './load-policies.js';
import { type NewPolicy, placeOf, type StoredPolicy } from './stored-policy.js';

/** Who writes, and whether it is only to be seen what would happen. */
export interface WriteContext {
  userId: string;
  visitor: Visitor;
  dryRun: boolean;
  /** Who does it by the writer's right, such as whoever accepts an invitation; the writer unless said. */
  actor?: Actor;
}

export interface DryRun extends Difference {
  reaches: 'subject' | 'role' | 'domain' | 'everybody';
}

export interface Write {
  action: 'policy.created' | 'policy.changed' | 'policy.removed';
  before?: StoredPolicy;
  /** What is asked for; undefined when the row goes. */
  wanted?: NewPolicy;
  store(sql: Sql): Promise<StoredPolicy | undefined>;
}

/** What follows when somebody has lost rights, in the transaction that takes them. */
export type OnRightsTaken = (sql: Transaction, userIds: readonly string[]) => Promise<void>;

/** Writes one row, judged by what came of it, with its line in the trail; answers the row as it is then. */
export type PerformWrite = (
  sql: Transaction,
  writer: Administrator,
  write: Write,
  context: WriteContext,
) => Promise<StoredPolicy | undefined>;

/** Carries the answer out of a transaction that leaves nothing behind. */
export class Rehearsed extends Error {
  constructor(readonly result: DryRun) {
    super('a dry run');
  }
}

/**
 * @throws Rehearsed instead of an answer when it is only to be seen what would happen
 * @throws Problem of `policyErrors`
 */
export function createPerformWrite(options: {
  audit: Pick<Audit, 'record'>;
  emitToUser: EmitToUser;
  onRightsTaken: OnRightsTaken;
}): PerformWrite {
  const { audit, emitToUser, onRightsTaken } = options;

  async function perform(sql: Transaction, writer: Administrator, write: Write, context: WriteContext) {
    const rows = [write.before, write.wanted].filter((one) => one !== undefined);
    const about = rows.at(-1) as NewPolicy;
    const bearer = bearerOf(about);
    const before = bearer && (await loadPolicies(sql, bearer));
    const requireOwnerLeft = await watchOwners(sql, write.before);
    const policy = await write.store(sql);
    await takeTurns(sql);
    const after = bearer && (await loadPolicies(sql, bearer));
    const isCompared = before && after && (context.dryRun || writer.domains);
    const difference = isCompared
      ? compareRights(before, after, placesConcerned(writer, rows, [before, after]))
      : NO_DIFFERENCE;
    const given = write.wanted && (await loadGivenRole(sql, write.wanted));
    if (given && write.wanted) checkGivenRole(write.wanted, given);
    requireHeld(writer, difference, placeOf(about), given);
    if (write.before && writer.domains === undefined) await requireAdministratorsLeft(sql);
    await requireOwnerLeft();
    if (context.dryRun) throw new Rehearsed({ ...difference, reaches: reachOf(about) });
    await record(sql, write, policy, context);
    if (bearer?.type === 'User' && after) {
      sql.afterCommit(() =>
        emitToUser(bearer.id, 'identity.permissions-changed', { policyVersion: after.version }),
      );
      if (mayTake(write)) await onRightsTaken(sql, [bearer.id]);
    }
    return policy;
  }

  async function record(
    sql: Sql,
    { action, before }: Write,
    after: StoredPolicy | undefined,
    { userId, visitor, actor = { type: 'admin', id: userId } }: WriteContext,
  ): Promise<void> {
    await audit.record(sql, {
      actor,
      action,
      subject: { type: 'policy', id: (after ?? before)?.id ?? '' },
      ...(before ? { before: forTrail(before) } : {}),
      ...(after ? { after: forTrail(after) } : {}),
      visitor,
    });
  }

  return (sql, writer, write, context) =>
    perform(sql, writer, write, context).catch((error: unknown) => {
      throw refusalOf(error);
    });
}

/** From here on writers of policies take turns; what could not be enforced is refused here. */
export async function takeTurns(sql: Sql): Promise<void> {
  await sql.query('SET CONSTRAINTS public.policy_epoch, identity.policy_epoch IMMEDIATE');
}

/** An organizer that has an owner keeps one (P1). @throws Problem `policy.last_owner` (409), after the write */
async function watchOwners(sql: Sql, before: StoredPolicy | undefined): Promise<() => Promise<void>> {
  const place = before && loadsRole(before) ? placeOf(before) : undefined;
  if (!place?.startsWith('Organizer_')) return async () => undefined;
  return requireOwnerStays(sql, place);
}

/** Answers a check for when the write is done and writers take turns: an owner that was there before is there still. */
export async function requireOwnerStays(sql: Sql, place: string): Promise<() => Promise<void>> {
  const had = await hasOwner(sql, place);
  return async () => {
    if (had && !(await hasOwner(sql, place)))
      throw new Problem(policyErrors.last_owner, { detail: `Give ${OWNER_ROLE} to somebody else first` });
  };
}

const loadsRole = ({ variant }: NewPolicy): boolean => variant === 'assign_role' || variant === 'group';

const loadGivenRole = async (sql: Sql, policy: NewPolicy) =>
  loadsRole(policy) ? await loadPolicies(sql, { type: 'Role', id: policy.targetId }) : undefined;

const mayTake = ({ before, wanted }: Write): boolean => before !== undefined || wanted?.effect === 'deny';

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
