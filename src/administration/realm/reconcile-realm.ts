import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { NetworkError } from '@keycloak/keycloak-admin-client';
import type RealmRepresentation from '@keycloak/keycloak-admin-client/lib/defs/realmRepresentation.js';
import type { RealmDeclaration } from './declaration.js';
import { type Difference, missing, printable, type Repair } from './difference.js';
import { RealmNotKept } from './errors.js';
import { keepClientScopes } from './keep-client-scopes.js';
import { keepClients } from './keep-clients.js';
import { keepFlows } from './keep-flows.js';
import { keepRequiredActions } from './keep-required-actions.js';
import { keepDefaultRole, keepRoles } from './keep-roles.js';
import { keepScopeMappings } from './keep-scope-mappings.js';
import { keepServiceAccounts } from './keep-service-accounts.js';
import { keepSettings } from './keep-settings.js';
import { keepUserProfile } from './keep-user-profile.js';
import type { Keeper, Kept } from './keeper.js';

/** In an order in which each finds what it refers to. */
const KEEPERS: readonly Keeper[] = [
  keepRoles,
  keepClientScopes,
  keepFlows,
  keepRequiredActions,
  keepSettings,
  keepUserProfile,
  keepClients,
  keepDefaultRole,
  keepScopeMappings,
  keepServiceAccounts,
];

/** `repaired`, `differs` (a dry run) or `left` (told only). */
export type Told = (
  what: 'repaired' | 'differs' | 'left',
  difference: ReturnType<typeof printable>,
) => void | Promise<void>;

export interface ReconcileOptions {
  /** Called anew once the realm was made: rights in it are in the next token only. */
  connect(): KcAdminClient;
  declaration: RealmDeclaration;
  /** Values that are never told. */
  secrets: readonly string[];
  setSecrets: boolean;
  /** Looks, tells and writes nothing. */
  dryRun: boolean;
  tell: Told;
}

/**
 * Makes the realm what is declared, leaving alone what isn't declared, and answers how many differences it found.
 * Only what differs is written. @throws RealmNotKept
 */
export async function reconcileRealm(options: ReconcileOptions): Promise<number> {
  const { connect, declaration, dryRun } = options;
  const found = await makeRealm(options);
  if (found > 0 && dryRun) return found;
  const kept = { keycloak: connect(), declared: declaration, setSecrets: options.setSecrets };
  const total = found + (await pass(kept, options));
  if (total > 0 && !dryRun) await verify(kept, options);
  return total;
}

async function makeRealm({ connect, declaration, dryRun, tell, secrets }: ReconcileOptions): Promise<number> {
  const { realms } = connect();
  if (await realms.findOne({ realm: declaration.realm })) return 0;
  const difference = missing('realm');
  if (!dryRun)
    await applied(
      { differences: [difference], apply: () => realms.create(declaration as RealmRepresentation) },
      secrets,
    );
  await tell(dryRun ? 'differs' : 'repaired', printable(difference, secrets));
  return 1;
}

async function pass(kept: Kept, { dryRun, secrets, tell }: ReconcileOptions): Promise<number> {
  let found = 0;
  for (const keep of KEEPERS) {
    for await (const repair of keep(kept)) {
      if (repair.apply) found += repair.differences.length;
      if (repair.apply && !dryRun) await applied(repair, secrets);
      const what = !repair.apply ? 'left' : dryRun ? 'differs' : 'repaired';
      for (const difference of repair.differences) await tell(what, printable(difference, secrets));
    }
  }
  return found;
}

/** What Keycloak took and still answers otherwise would be "repaired" at every start. */
async function verify(kept: Kept, options: ReconcileOptions): Promise<void> {
  const left: string[] = [];
  const tell: Told = (what, { path, from, to }) => {
    if (what === 'differs') left.push(`${path} is ${from}, not ${to}`);
  };
  await pass(kept, { ...options, dryRun: true, tell });
  if (left.length > 0) throw new RealmNotKept(`Keycloak did not keep what was written: ${left.join('; ')}`);
}

async function applied({ differences, apply }: Repair, secrets: readonly string[]): Promise<void> {
  try {
    await apply?.();
  } catch (error) {
    const paths = differences.map(({ path }) => path).join(', ');
    const why = error instanceof NetworkError ? error.responseData : (error as Error).message;
    const { to } = printable({ path: '', from: '', to: why } satisfies Difference, secrets);
    throw new RealmNotKept(`Could not repair ${paths}: ${to}`, { cause: error });
  }
}
