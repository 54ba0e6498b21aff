import type { Database, Sql, Transaction } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { type Administrator, requireAdministrator } from './administrator.js';
import { checkShape } from './check-shape.js';
import { policyErrors } from './errors.js';
import { judgeRole } from './judge-role.js';
import { requireInside } from './judge-write.js';
import { loadPolicies } from './load-policies.js';
import { type DryRun, type PerformWrite, Rehearsed, type Write, type WriteContext } from './perform-write.js';
import type { PolicyChangeDraft, PolicyDraft } from './policy-schema.js';
import { deletePolicy, hasSuchPolicy, insertPolicy, lockPolicy, updatePolicy } from './policy-store.js';
import { checkMember, checkReferences } from './references.js';
import { changePolicy, type NewPolicy, placeOf, type StoredPolicy, toNewPolicy } from './stored-policy.js';

/** The row as it is now; undefined when it is gone, or nothing was to be done. */
export interface Written {
  policy?: StoredPolicy;
  dryRun?: DryRun;
}

export interface WritePolicies {
  create(draft: PolicyDraft, context: WriteContext): Promise<Written>;
  change(id: string, change: PolicyChangeDraft, context: WriteContext): Promise<Written>;
  remove(id: string, context: WriteContext): Promise<Written>;
  /**
   * The same for several rows that belong to something else: in the caller's transaction, with the rights that the writer
   * has in it.
   * @throws Problem `policy.not_administrator` (403)
   */
  within(sql: Transaction, context: Omit<WriteContext, 'dryRun'>): Promise<PolicyWriter>;
}

/** Each throws what `WritePolicies` throws. */
export interface PolicyWriter {
  /** Adds a row; one that is there already is left alone. */
  give(draft: PolicyDraft): Promise<void>;
  take(id: string): Promise<void>;
  /** Refuses what `give` would refuse of a role, while nobody is known yet who would hold it. */
  judgeRole(roleId: string, domain: string): Promise<void>;
  /** A merchant that is new lies in its organizer, and in no other. */
  nest(merchantId: string, organizerId: string): Promise<void>;
}

/**
 * Writes of PolicyDefinition by administrators and owners (contract §5): judged, written, and judged by what came of it,
 * in one transaction with its row in the audit trail.
 * @throws Problem of `policyErrors`, or `request.not_found` for what lies outside the writer's domains
 */
export function createWritePolicies(options: {
  database: Database;
  nextId: NextId;
  perform: PerformWrite;
}): WritePolicies {
  const { database, nextId, perform } = options;

  const findWriter = async (sql: Sql, userId: string): Promise<Administrator> =>
    requireAdministrator(userId, await loadPolicies(sql, { type: 'User', id: userId }));

  /** Runs a write by somebody whose rights are read in the same transaction. */
  const run = (
    context: WriteContext,
    prepare: (sql: Transaction, writer: Administrator) => Promise<Write>,
  ): Promise<Written> =>
    database
      .transaction(async (sql) => {
        const writer = await findWriter(sql, context.userId);
        const policy = await perform(sql, writer, await prepare(sql, writer), context);
        return policy === undefined ? {} : { policy };
      })
      .catch((error: unknown) => {
        if (error instanceof Rehearsed) return { dryRun: error.result };
        throw error;
      });

  const insertion = (wanted: NewPolicy): Write => {
    const id = nextId();
    return { action: 'policy.created', wanted, store: (sql) => insertPolicy(sql, id, wanted) };
  };

  async function removal(sql: Sql, writer: Administrator, id: string): Promise<Write> {
    const before = await findForWrite(sql, writer, id);
    const store = async (one: Sql) => {
      await deletePolicy(one, id);
      return undefined;
    };
    return { action: 'policy.removed', before, store };
  }

  return {
    create: (draft, context) =>
      run(context, async (sql, writer) => {
        const wanted = toNewPolicy(draft);
        await checkWanted(sql, writer, wanted, null);
        return insertion(wanted);
      }),
    change: (id, change, context) =>
      run(context, async (sql, writer) => {
        const before = await findForWrite(sql, writer, id);
        const wanted = changePolicy(before, change);
        await checkWanted(sql, writer, wanted, id);
        return { action: 'policy.changed', before, wanted, store: (one) => updatePolicy(one, wanted) };
      }),
    remove: (id, context) => run(context, (sql, writer) => removal(sql, writer, id)),
    async within(sql, given) {
      const context = { ...given, dryRun: false };
      const writer = await findWriter(sql, given.userId);
      return {
        async give(draft) {
          const wanted = toNewPolicy(draft);
          if (await hasSuchPolicy(sql, wanted, null)) return;
          await checkWanted(sql, writer, wanted, null);
          await perform(sql, writer, insertion(wanted), context);
        },
        async take(id) {
          await perform(sql, writer, await removal(sql, writer, id), context);
        },
        judgeRole: (roleId, domain) => judgeRole(sql, writer, roleId, domain),
        async nest(merchantId, organizerId) {
          if (writer.domains && !writer.domains.has(`Organizer_${organizerId}`))
            throw new Problem(requestErrors.not_found);
          await perform(sql, writer, insertion(nesting(merchantId, organizerId)), context);
        },
      };
    },
  };
}

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

/** To an owner a row that counts everywhere is as little there as one of another organizer. */
function isVisible({ domains }: Administrator, policy: StoredPolicy): boolean {
  const place = placeOf(policy);
  return domains === undefined || (place !== undefined && domains.has(place));
}

const nesting = (merchantId: string, organizerId: string): NewPolicy => ({
  variant: 'domain_inherits',
  subjectType: 'Merchant',
  subjectId: merchantId,
  targetType: 'Organizer',
  targetId: organizerId,
  action: null,
  effect: null,
  domain: null,
  domainType: null,
  domainId: null,
  metadata: null,
});
