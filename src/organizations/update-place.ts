import { type Audit, acting, type By } from '../audit/index.js';
import type { Transaction } from '../database/database.js';
import { MERCHANT, type Merchant, ORGANIZER, type Organizer, type PlaceChange } from './organizer.js';
import type { Scope } from './scope.js';
import type { SettlePolicies } from './settle-policies.js';

const PLACES = {
  organizer: { table: 'identity."Organizer"', columns: ORGANIZER },
  merchant: { table: 'identity."Merchant"', columns: MERCHANT },
} as const;

interface Places {
  organizer: Organizer;
  merchant: Merchant;
}

/**
 * Writes the name and the status of an organizer or a merchant of this scope. Suspending takes everybody's rights there,
 * until it is active again. The trail has the numbers: the rows are told by the member that they are about.
 */
export type UpdatePlace = <Kind extends keyof Places>(
  sql: Transaction,
  scope: Scope,
  place: { kind: Kind; id: string },
  change: PlaceChange,
  by: By,
) => Promise<Places[Kind]>;

export function createUpdatePlace(options: {
  audit: Pick<Audit, 'record'>;
  settle: SettlePolicies;
}): UpdatePlace {
  const { audit, settle } = options;
  return async <Kind extends keyof Places>(
    sql: Transaction,
    scope: Scope,
    { kind, id }: { kind: Kind; id: string },
    change: PlaceChange,
    by: By,
  ) => {
    const { table, columns } = PLACES[kind];
    const [before] = await sql.query<Places[Kind]>(
      `SELECT ${columns} FROM ${table} WHERE id = $1 FOR NO KEY UPDATE`,
      [id],
    );
    const wanted = { name: before?.name, status: before?.status, ...change };
    const [after] = await sql.query<Places[Kind]>(
      `UPDATE ${table} SET name = $2, status = $3, modified_at = now() WHERE id = $1 RETURNING ${columns}`,
      [id, wanted.name, wanted.status],
    );
    const settled = before?.status === wanted.status ? undefined : await settle(sql, scope);
    await audit.record(sql, {
      ...acting(by),
      action: `${kind}.changed`,
      subject: { type: kind, id },
      tenantId: scope.tenantId,
      before: { name: before?.name, status: before?.status },
      after: {
        ...change,
        ...(settled && {
          policiesTaken: settled.taken.length,
          policiesGivenBack: settled.givenBack.length,
        }),
      },
    });
    return after as Places[Kind];
  };
}
